/** A fault handler: node handler.ts (in a folder where `npm i faultline` ran). */
import { handleFaults } from 'faultline/client';

const url = process.env['FAULTLINE_URL'] ?? 'http://127.0.0.1:4000';
const handler = handleFaults({ url, contextId: 1, faultId: 4 }, async ({ messages }) => {
  for (const { addr } of messages) console.log(`page 0x${addr.toString(16)}`);
  return 'SUCCESS';
});
await handler.ended;
