import { openMemoryLog } from '../../src/log/memory.ts';
import { describeLogContract } from './contract.ts';

describeLogContract('memory', async () => openMemoryLog());
