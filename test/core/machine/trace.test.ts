/** The trace of an operation: the kernel functions it passed, and what each returned. */
import { describe, expect, test } from 'vitest';
import { DEVICES } from '../../../src/sim/machine.ts';
import { PCI_HWPTS } from './setups.ts';
import { given, type Machine } from './table.ts';

const traceOf = (machine: Machine) =>
  machine.last.trace.map(step => `${'  '.repeat(step.depth)}${step.function} ${step.returned}`);

describe('trace', () => {
  test('a refused attach shows where the errno was born', () => {
    const machine = given(DEVICES, PCI_HWPTS).run(`
      vf = bind 0000:03:00.4
      attach vf fault -> EINVAL
    `);
    expect(traceOf(machine)).toEqual([
      'vfio_iommufd_physical_attach_ioas EINVAL',
      '  iommufd_device_attach EINVAL',
      '    iommufd_device_change_pt EINVAL',
      '      iommufd_hw_pagetable_attach EINVAL',
      '        iopt_table_enforce_dev_resv_regions 0',
      '        iommufd_hwpt_attach_device EINVAL',
      '          iommufd_fault_iopf_enable EINVAL',
    ]);
  });

  test('a replace from one fault-capable hwpt to a plain one, in the order of the kernel', () => {
    const machine = given(DEVICES, PCI_HWPTS).run(`
      attach dev fault
      send 0000:01:00.0 grpid=1
      replace dev plain
    `);
    expect(traceOf(machine)).toEqual([
      'iommufd_device_replace 4',
      '  iommufd_device_change_pt 4',
      '    iommufd_device_do_replace 0',
      '      iommufd_hwpt_replace_device 0',
      '        iommu_replace_group_handle 0',
      '          __iommu_group_set_domain_internal 0',
      '            ops->attach_dev 0',
      '        iommufd_auto_response_faults 0',
      '          iopf_group_response 0',
      '        iommufd_fault_iopf_disable 0',
      '          iopf_queue_remove_device 0',
    ]);
  });

  test('a lookup that fails, an id that is given, a byte count', () => {
    const machine = given(DEVICES, PCI_HWPTS).run('hwptAlloc 99 ioas -> ENOENT');
    expect(traceOf(machine)).toEqual(['iommufd_hwpt_alloc ENOENT', '  iommufd_get_object ENOENT']);
    machine.run('ioasAlloc');
    expect(traceOf(machine)).toEqual(['iommufd_ioas_alloc_ioctl 8', '  _iommufd_object_alloc 0']);
    machine.run('attach dev fault\n send 0000:01:00.0\n read q 40');
    expect(traceOf(machine)).toEqual(['iommufd_fault_fops_read 40']);
    machine.run('write q to=1:0,9:0');
    expect(traceOf(machine)).toEqual(['iommufd_fault_fops_write 8', '  iopf_group_response 0']);
  });

  test('each member of a group is asked in the order of the group, until one refuses', () => {
    const machine = given(DEVICES, 'a = bind 0000:02:00.1\n ioas = ioasAlloc').run(`
      dirty = hwptAlloc a ioas flags=2
      attach a dirty -> EINVAL ReservedRegionsEnforced AttachHandleStored AttachHandleErased
        .. AttachHandleFreed ReservedRegionsRemoved
    `);
    const asked = machine.last.trace.filter(step => step.function === 'ops->attach_dev');
    expect(asked.map(({ returned }) => returned)).toEqual(['0', '0', 'EINVAL']);
  });

  test('a file that is not open is refused before the driver is entered', () => {
    expect(traceOf(given([], 'ioasAlloc ctx=9 -> EBADF'))).toEqual(['fdget EBADF']);
  });
});
