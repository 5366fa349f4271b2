/**
 * Where the kernel itself misbehaves on the emulated paths: what it does there and which kernels
 * do. The machine survives each one and records it.
 */
export type HazardKind =
  | 'WARNING'
  | 'USE_AFTER_FREE'
  | 'STALE_HANDLE'
  | 'LEAK'
  | 'NEVER_ANSWERED'
  | 'WRONG_STATE'
  | 'WRONG_ANSWER'
  | 'UNBOUNDED'
  | 'HANG'
  | 'OOPS'
  | 'UNDEFINED'
  | 'PROGRAM';

export const HAZARD_KIND_TEXT: Readonly<Record<HazardKind, string>> = {
  WARNING: 'A WARN_ON fires in this kernel function.',
  USE_AFTER_FREE: 'This kernel function uses memory that was freed, or that is something else.',
  STALE_HANDLE: 'Something keeps a pointer to an attach handle or device that is gone.',
  LEAK: 'Something was taken that nobody will give back.',
  NEVER_ANSWERED:
    'A device waits for an answer that nobody will give, or not until it is detached.',
  WRONG_STATE: 'The operation leaves a state that its caller cannot expect.',
  WRONG_ANSWER: 'A caller or a device gets an answer that is not true, or that is none.',
  UNBOUNDED: 'The kernel takes memory without a bound.',
  HANG: 'The kernel would loop for ever.',
  OOPS: 'The processor faults in this kernel function: its caller is killed and keeps its locks.',
  UNDEFINED: 'What this kernel function computes is undefined in C.',
  PROGRAM: 'The kernel does what it was told: the program around it is wrong.',
};

export interface HazardText {
  readonly kind: HazardKind;
  readonly title: string;
  /** The kernels that have it, and the policies that alone bring it about. */
  readonly kernels: string;
}

export function hazard(kind: HazardKind, title: string, kernels: string): HazardText {
  return { kind, title, kernels };
}
