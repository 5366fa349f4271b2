/** What a refusal's errno means where the operation's arguments tell more than the errno does. */
import { ERRNO_TEXT, type ErrnoName } from '../../abi/errno.ts';
import { IOMMUFD_PAGE_RESP_INVALID, IOMMUFD_PAGE_RESP_SUCCESS } from '../../abi/uapi.ts';
import type { CommandOf, CommandType } from '../../core/machine/command.ts';
import type { Operation } from '../../core/machine/operation.ts';

type Texts = {
  readonly [T in CommandType]?: Partial<Record<ErrnoName, (command: CommandOf<T>) => string>>;
};

const noFunction = ({ bdf }: { bdf: string }) => `No PCI function has the address ${bdf}.`;

const TEXTS: Texts = {
  MachineCreate: {
    ENODEV: () => 'A groupWith or physfn is not the address of a PCI function listed before it.',
  },
  PciDeviceAdd: {
    ENODEV: ({ device: { groupWith, physfn } }) => {
      const named = [groupWith, physfn].filter(bdf => bdf !== null).join(' or ');
      return `No PCI function has the address ${named}, given as groupWith or physfn.`;
    },
  },
  PciDeviceRemove: { ENODEV: noFunction },
  DeviceBind: { ENODEV: noFunction },
  PageRequestSend: { ENODEV: noFunction },
  FaultWrite: { EINVAL: responseText },
};

/** A write that answered something is no refusal, so it is the first response that is wrong. */
function responseText({ responses: [response] }: CommandOf<'FaultWrite'>): string {
  const { cookie, code } = response!;
  return code === IOMMUFD_PAGE_RESP_SUCCESS || code === IOMMUFD_PAGE_RESP_INVALID
    ? `No group that was read from this fault queue awaits an answer to cookie ${cookie}.`
    : `The code ${code} is neither IOMMUFD_PAGE_RESP_SUCCESS (0) nor IOMMUFD_PAGE_RESP_INVALID (1).`;
}

/** One sentence: why the operation was refused. */
export function refusalText({ command, errno }: Operation): string {
  const name = errno || 'EINVAL';
  const texts: Partial<Record<ErrnoName, (command: never) => string>> | undefined =
    TEXTS[command.type];
  return texts?.[name]?.(command as never) ?? ERRNO_TEXT[name];
}
