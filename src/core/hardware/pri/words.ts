/** Sentences of responses that come to a function. */
import { responseText } from '../../explain/words.ts';

interface Response {
  readonly deviceNo: number;
  readonly grpid: number;
  readonly code: number;
  readonly iopfGroupId?: number | null;
}

/** Of an event in which a response came to a function; `what`: what became of it. */
export function answerText(what: string): (event: Response) => string {
  return ({ deviceNo, grpid, code, iopfGroupId = null }) => {
    const group = iopfGroupId === null ? '' : `, iopf group ${iopfGroupId}`;
    const said = code === 15 ? 'FAILURE (15)' : responseText(code);
    return `physical device ${deviceNo}: ${what} ${grpid}${group} ${said}`;
  };
}
