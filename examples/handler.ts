/**
 * A fault handler: node handler.ts (in a folder where `npm i faultline` ran). FAULTLINE_URL, _MACHINE,
 * _CONTEXT and _FAULT_ID say where the queue is, as `faultline test` does.
 */
import { handleFaults } from 'faultline/client';

const { env } = process;
const queue = {
  url: env['FAULTLINE_URL'] ?? 'http://127.0.0.1:4000',
  machineId: env['FAULTLINE_MACHINE'] ?? 'default',
  contextId: Number(env['FAULTLINE_CONTEXT'] ?? 1),
  faultId: Number(env['FAULTLINE_FAULT_ID'] ?? 4),
};
const handler = handleFaults(queue, async ({ messages }) => {
  for (const { addr } of messages) console.log(`page 0x${addr.toString(16)}`);
  return 'SUCCESS';
});
await handler.ended;
