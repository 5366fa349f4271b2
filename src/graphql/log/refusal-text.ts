/** What a refusal's errno means where the operation's arguments tell more than the errno does. */
import { ERRNO_TEXT, type ErrnoName } from '../../abi/errno.ts';
import { ruleText } from '../../abi/refusal-rules.ts';
import { IOMMUFD_PAGE_RESP_INVALID, IOMMUFD_PAGE_RESP_SUCCESS } from '../../abi/uapi.ts';
import type { CommandOf, CommandType } from '../../core/machine/command.ts';
import type { Operation } from '../../core/machine/operation.ts';
import type { TraceStep } from '../../core/machine/trace-step.ts';

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
    EEXIST: ({ device: { bdf } }) => `A PCI function has the address ${bdf} already.`,
    EINVAL: () =>
      'The function named as physfn is itself a virtual one, or a reserved region ends before it starts.',
  },
  PciDeviceRemove: {
    ENODEV: noFunction,
    EBUSY: ({ bdf }) => `The function ${bdf} is bound to a context, or has virtual functions.`,
  },
  DeviceReplace: {
    ENOENT: ({ devId }) => `No device of this context has the id ${devId}.`,
    EINVAL: ({ devId }) =>
      `Device ${devId} is a mock device; only PCI functions have a device file.`,
  },
  PageRequestResume: {
    ENOENT: ({ inFlightId }) => `No page request with the number ${inFlightId} is held.`,
  },
  VpriResetSend: {
    ENODEV: noFunction,
    EINVAL: ({ bdf }) => `The function ${bdf} has no emulated PRI that could be reset.`,
  },
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

/** The innermost kernel function that returned the errno the operation ended with; null: none did. */
export function refusingStep({ trace, errno }: Operation): TraceStep | null {
  return trace.findLast(step => step.returned === errno) ?? null;
}

/**
 * One sentence: why the operation was refused, by the rule its trace has; where it has none, by what
 * the errno means for the operation, or at all.
 */
export function refusalText(operation: Operation): string {
  const reason = refusingStep(operation)?.reason;
  if (reason !== undefined) return ruleText(reason.rule, reason.facts);
  const { command, errno } = operation;
  const name = errno || 'EINVAL';
  const texts: Partial<Record<ErrnoName, (command: never) => string>> | undefined =
    TEXTS[command.type];
  const text = texts?.[name]?.(command as never);
  if (text !== undefined) return text;
  if (name === 'EBADF' && 'contextId' in command) return closedText(command);
  return ERRNO_TEXT[name];
}

/** Which file is closed, or was never open. */
function closedText(command: { readonly contextId: number; readonly faultId?: number }): string {
  const { contextId, faultId } = command;
  return faultId === undefined
    ? `The file of context ${contextId} is not open.`
    : `The file of fault queue ${faultId} in context ${contextId} is not open.`;
}

/** What the refusal means and where it came from. */
export function refusalMessage(operation: Operation): string {
  const at = refusingStep(operation);
  const text = refusalText(operation);
  return at === null ? text : `${text} ${at.function} returned ${operation.errno}.`;
}
