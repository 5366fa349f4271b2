/** For `--import`: lets a server that knows nothing of benchmarks answer for its memory. */
import { answerMemory } from './memory.ts';

answerMemory();
