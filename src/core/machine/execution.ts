/**
 * One run of execute: the state being changed, the events made so far and the kernel functions
 * passed. `emit` applies an event at once, so that later steps see it.
 */
import { BEHAVIOUR, type Behaviour } from '../../abi/behaviour.ts';
import type { Errno, ErrnoName } from '../../abi/errno.ts';
import type { HazardName } from '../../abi/hazards.ts';
import type { RefusalRule } from '../../abi/refusal-rules.ts';
import type { ProgramRun } from '../hardware/function/state.ts';
import type { DeviceResponse } from '../iommu/state.ts';
import type { Device, FaultQueue, Ioas, IommufdContext, IommufdObject } from '../iommufd/state.ts';
import type { CallingProcess } from '../memory/user-process.ts';
import { noSuchObject } from '../refuse/absent.ts';
import { ARGUMENT_OF } from '../refuse/present.ts';
import type { Event } from './event.ts';
import { evolve } from './evolve.ts';
import { contextOf } from './lookup.ts';
import { type Facts, Refusal } from './refusal.ts';
import type { MachineState } from './state.ts';
import type { TraceStep } from './trace-step.ts';

/** A step of the trace while its function runs. */
type OpenStep = { -readonly [K in keyof TraceStep]: TraceStep[K] };

/** The function where a refusal begins has its reason. */
function tell(step: OpenStep, refusal: Refusal): void {
  if (refusal.reason !== null && !refusal.told) step.reason = refusal.reason;
  refusal.told = true;
}

export class Execution {
  readonly state: MachineState;
  readonly events: Event[] = [];
  readonly trace: TraceStep[] = [];
  /** `current`, where it may be another than the process that opened the context. */
  readonly current: CallingProcess | null;
  /**
   * Answers on their way to functions behind modelled IOMMUs. Hardware acts on them by itself, so
   * they reach it when the kernel is done with the operation.
   */
  readonly responses: DeviceResponse[] = [];
  /** Runs of devices' programs that are under way, by deviceNo. */
  readonly programRuns = new Map<number, ProgramRun>();
  /** The functions that run, the innermost last. */
  private readonly open: OpenStep[] = [];
  private readonly failNth: number | null;
  private asked = 0;

  /** `failNth`: the allocation that fails, counted from 1; null: none. */
  constructor(
    state: MachineState,
    failNth: number | null = null,
    current: CallingProcess | null = null,
  ) {
    this.state = state;
    this.failNth = failNth;
    this.current = current;
  }

  /** Allocations of the kernel so far, the one that failed among them. */
  get allocations(): number {
    return this.asked;
  }

  /**
   * The kernel allocates memory here, or its self-test lets this place fail as an allocation does
   * (iommufd_should_fail), mostly with another errno. False if it is the one that is to fail: the
   * caller then does what the kernel does, which mostly is ENOMEM. The trace shows it.
   */
  allocates(name: string, errno: ErrnoName = 'ENOMEM'): boolean {
    if (++this.asked !== this.failNth) return true;
    this.refusedBy(name, new Refusal(errno, 'ALLOCATION_FAILED', { what: name }));
    return false;
  }

  /** The innermost function that runs refuses. Gives the errno, for functions that return one. */
  refuse(errno: ErrnoName, rule: RefusalRule, facts: Facts = {}): ErrnoName {
    return this.pass(new Refusal(errno, rule, facts));
  }

  /** The innermost function that runs refuses as a refusal says. Gives its errno. */
  pass(refusal: Refusal): ErrnoName {
    const step = this.open.at(-1);
    if (step !== undefined) tell(step, refusal);
    return refusal.errno;
  }

  /** A function that the trace names only where it refuses. */
  refusedBy(name: string, refusal: Refusal): Refusal {
    const step: OpenStep = { function: name, depth: this.open.length, returned: refusal.errno };
    tell(step, refusal);
    this.trace.push(step);
    return refusal;
  }

  emit(event: Event): void {
    evolve(this.state, event);
    this.events.push(event);
  }

  /** Runs a kernel function's body and notes what it returned: 0, an errno or a value. */
  call<T extends Errno | Refusal | number | bigint | IommufdObject>(
    name: string,
    body: () => T,
  ): T {
    const step: OpenStep = { function: name, depth: this.open.length, returned: '' };
    this.trace.push(step);
    this.open.push(step);
    const returned = body();
    this.open.pop();
    if (returned instanceof Refusal) tell(step, returned);
    step.returned =
      returned instanceof Refusal
        ? returned.errno
        : typeof returned === 'object'
          ? String(returned.id)
          : typeof returned === 'bigint'
            ? `0x${returned.toString(16)}`
            : String(returned);
    return returned;
  }

  /** The kernel misbehaves here; the machine goes on. */
  hazard(
    name: HazardName,
    kernelFunction: string,
    detail: string,
    objects: readonly string[],
    plantedSeq: number | null = null,
  ): void {
    this.emit({
      type: 'HazardRecorded',
      name,
      function: kernelFunction,
      detail,
      objects,
      plantedSeq,
    });
  }

  /** How the emulated kernel version behaves. */
  get behaviour(): Behaviour {
    return BEHAVIOUR[this.state.baseline];
  }

  /** The context a command names, or null if that file is not open. */
  openContext(contextId: number): IommufdContext | null {
    const context = this.state.contexts.get(contextId);
    return context?.fileOpen ? context : null;
  }

  context(contextId: number): IommufdContext {
    return contextOf(this.state, contextId);
  }

  /**
   * iommufd_get_object: absent or of another type is ENOENT alike (main.c). `argument`: the name of
   * the argument that says the id.
   */
  getObject<T extends IommufdObject['type']>(
    context: IommufdContext,
    id: number,
    type: T,
    argument = ARGUMENT_OF[type],
  ): Extract<IommufdObject, { type: T }> | Refusal {
    return this.call('iommufd_get_object', () => {
      if (this.failsToGetObject()) return new Refusal('ENOENT');
      const object = context.objects.get(id);
      if (object?.type !== type) return noSuchObject(context, argument, id, type);
      return object as Extract<IommufdObject, { type: T }>;
    });
  }

  /** Whether iommufd_get_object is to fail: the self-test lets it, before it looks (ENOENT). */
  failsToGetObject(): boolean {
    return !this.allocates('get object iommufd_should_fail', 'ENOENT');
  }

  getDevice(context: IommufdContext, id: number): Device | Refusal {
    return this.getObject(context, id, 'DEVICE');
  }

  getIoas(context: IommufdContext, id: number, argument?: string): Ioas | Refusal {
    return this.getObject(context, id, 'IOAS', argument);
  }

  getFault(context: IommufdContext, id: number): FaultQueue | Refusal {
    return this.getObject(context, id, 'FAULT');
  }
}
