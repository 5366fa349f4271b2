/** IOMMU_TEST_OP_MD_CHECK_REFS and _SET_TEMP_MEMORY_LIMIT, with and without CAP_IPC_LOCK. */
import { describe, test } from 'vitest';
import { given } from '../../machine/table.ts';

const VA = '0x10000000';

describe.each(['open process=7', 'open process=7 counted'])('in a context of: %s', open => {
  const table = (text: string, opened = open) =>
    given(
      [],
      `${opened}\n${text.replaceAll(/^.*\S.*$/gm, line => line.replace(/( ->|$)/, ' ctx=2$1'))}`,
    );

  test('refusals come in the order of the kernel’s checks', () => {
    table(`
      checkRefs 0x10000800 0x1000 1 -> EINVAL
      checkRefs ${VA} 0x800 1 -> EINVAL
      checkRefs 0xfffffffffffff000 0x1000 0 -> EINVAL
      checkRefs 0xffffffffffffe000 0x1000 0 -> EFAULT
      checkRefs 0x20000000 0 5 -> 0
      checkRefs ${VA} 0x1000 1 -> EIO
      checkRefs 0x10fff000 0x1000 0 -> 0
      checkRefs 0x10fff000 0x2000 0 -> EFAULT
      checkRefs 0x10fff000 0x2000 1 -> EIO
    `);
    table(`checkRefs ${VA} 0x4000 0 -> EFAULT`, `${open} hole=2`);
    table(`checkRefs ${VA} 0x4000 1 -> EIO`, `${open} hole=2`);
  });

  test('nothing is pinned before there is a domain, and no longer than it is there', () => {
    table(`
      ioas = ioasAlloc
      map ioas 0x1000000 0x4000
      checkRefs ${VA} 0x4000 0 -> 0
      m = mock ioas
      checkRefs ${VA} 0x4000 1 -> 0
      checkRefs ${VA} 0x5000 1 -> EIO
      checkRefs ${VA} 0x5000 0 -> EIO
      checkRefs 0x10004000 0x1000 0 -> 0
      n = mock ioas
      checkRefs ${VA} 0x4000 1 -> 0
      destroy m
      checkRefs ${VA} 0x4000 1 -> 0
      destroy n
      checkRefs ${VA} 0x4000 0 -> 0
    `);
  });

  test('each container pins its pages, and copies share one', () => {
    table(`
      ioas = ioasAlloc
      m = mock ioas
      map ioas 0x1000000 0x4000
      copy ioas 0x1010000 ioas 0x1000000 0x4000
      checkRefs ${VA} 0x4000 1 -> 0
      map ioas 0x1020000 0x2000 va=0x10001000
      checkRefs ${VA} 0x1000 1 -> 0
      checkRefs 0x10001000 0x2000 2 -> 0
      checkRefs ${VA} 0x4000 1 -> EIO
      checkRefs 0x10003000 0x1000 1 -> 0
      unmap ioas 0x1000000 0x4000
      checkRefs 0x10001000 0x2000 2 -> 0
      unmap ioas 0x1010000 0x4000
      checkRefs 0x10001000 0x2000 1 -> 0
      checkRefs ${VA} 0x1000 0 -> 0
    `);
  });

  test('accesses pin the pages of their items, whole ones and once', () => {
    table(`
      ioas = ioasAlloc
      map ioas 0x1000000 0x4000
      a = access ioas pins
      item = pin a 0x1001000 0x2000
      checkRefs ${VA} 0x1000 0 -> 0
      checkRefs 0x10001000 0x2000 1 -> 0
      again = pin a 0x1002000 0x1000
      checkRefs 0x10001000 0x2000 1 -> 0
      unpin a item
      checkRefs 0x10001000 0x1000 0 -> 0
      checkRefs 0x10002000 0x1000 1 -> 0
      m = mock ioas
      checkRefs ${VA} 0x4000 1 -> 0
      destroy m
      unpin a again
      checkRefs ${VA} 0x4000 0 -> 0
    `);
  });

  test('all contexts of the process pin its memory, and no other process’', () => {
    table(`
      ioas = ioasAlloc
      m = mock ioas
      map ioas 0x1000000 0x1000
    `).run(`
      open process=7
      other = ioasAlloc ctx=3
      n = mock other ctx=3
      map other 0x1000000 0x1000 ctx=3
      checkRefs ${VA} 0x1000 2 ctx=3 -> 0
      checkRefs ${VA} 0x1000 2 ctx=2 -> 0
      open process=8
      checkRefs ${VA} 0x1000 0 ctx=4 -> 0
      checkRefs ${VA} 0x1000 0 -> 0                     # context 1 is of no process that is known
    `);
  });
});

test('the temporary memory limit holds one entry at least', () => {
  given(
    [],
    `
    memoryLimit 0 -> EINVAL
    memoryLimit 11 -> EINVAL
    memoryLimit 12 -> 0
    memoryLimit 0xffffffff -> 0
  `,
  );
});
