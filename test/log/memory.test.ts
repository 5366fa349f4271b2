import { openMemoryLog } from '../../src/log/memory.ts';
import { describeLogContract } from './contract.ts';
import { describeTimeTravelContract } from './contract-time-travel.ts';

describeLogContract('memory', async () => openMemoryLog());
describeTimeTravelContract('memory', async () => openMemoryLog());
