/** Operations as `faultline log` prints them: for people, and as JSON Lines. */
import { styleText } from 'node:util';
import { commandText } from '../../core/explain/command-text.ts';
import { type DeviceNames, describeEvent } from '../../core/explain/describe.ts';
import { withNames } from '../../core/explain/number-names.ts';
import { undelivered } from '../../core/explain/undelivered.ts';
import { withHex } from '../../core/explain/words.ts';
import { EVENTS } from '../../core/machine/event.ts';
import type { Layer } from '../../core/machine/event-entry.ts';
import type { Operation } from '../../core/machine/operation.ts';
import { eventsOf } from '../../engine/follow/follow.ts';
import { refusalMessage } from '../../graphql/log/refusal-text.ts';

const LAYERS: Readonly<Record<Layer, string>> = {
  USER_SPACE: 'program',
  IOMMUFD: 'iommufd',
  IOMMU_CORE: 'iommu',
  HARDWARE: 'hardware',
};

/** Colours only where a terminal shows them and NO_COLOR does not forbid them. */
const yellow = (text: string) => styleText('yellow', text);
const red = (text: string) => styleText('red', text);
const dim = (text: string) => styleText('dim', text);

/** `#7 2026-11-26 20:05:11.123Z DeviceAttach contextId=1 devId=99 ptId=3`, then its events. */
export function operationText(operation: Operation, names: DeviceNames): string {
  const { number, atMs, command, errno } = operation;
  const time = new Date(atMs).toISOString().replace('T', ' ');
  const lines = [`${yellow(`#${number}`)} ${dim(time)} ${commandText(command)}`];
  if (errno !== 0) lines.push(`        ${red(errno)}  ${refusalMessage(operation)}`);
  const lost = undelivered(operation);
  if (lost !== null)
    lines.push(`        ${red(lost.reportErrno ?? lost.outcome)}  ${lost.message}`);
  for (const { seq, event } of eventsOf(operation)) {
    const layer = LAYERS[EVENTS[event.type].layer].padEnd(8);
    lines.push(`${String(seq).padStart(7)} ${dim(layer)}  ${describeEvent(event, names)}`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * One line: what the operation asked, what came of it, its events. 64-bit numbers are hex texts; codes
 * and flags have their names beside them, those of `perm` in `permNames`.
 */
export function operationJson(operation: Operation, names: DeviceNames): string {
  const { number, atMs, command, errno, reply, seqBefore, seq } = operation;
  const { type, ...rest } = command;
  const events = eventsOf(operation).map(({ seq, event: { type, ...data } }, index) => ({
    seq,
    type,
    layer: EVENTS[type].layer,
    summary: describeEvent(operation.events[index]!, names),
    data: withNames(type, data),
  }));
  const wrong = undelivered(operation);
  const message = errno === 0 ? wrong?.message : refusalMessage(operation);
  const refused = message === undefined ? {} : { message };
  const shown = {
    number,
    at: new Date(atMs).toISOString(),
    command: type,
    arguments: withNames(type, rest),
    errno: errno === 0 ? null : errno,
    ...refused,
    reply: withNames(type, reply),
    seqBefore,
    seq,
    events,
  };
  return `${JSON.stringify(shown, withHex)}\n`;
}
