/** Code blocks of a Markdown page. */

export interface Block {
  /** What stands after the opening fence: `graphql`, `json`, … */
  readonly language: string;
  readonly text: string;
  /** The page it is on, from the project's root. */
  readonly page: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** Number of the heading it stands under, from 0: the same for blocks of one section. */
  readonly section: number;
}

/** Throws if a fence is not closed. */
export function blocksOf(markdown: string, page: string): Block[] {
  const blocks: Block[] = [];
  let section = 0;
  let open: { language: string; line: number; text: string[] } | null = null;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open === null) {
      if (/^#{1,6} /.test(line)) section++;
      const fence = /^```(\S*)$/.exec(line);
      if (fence !== null) open = { language: fence[1]!, line: index + 1, text: [] };
    } else if (line === '```') {
      blocks.push({ ...open, text: open.text.join('\n'), section, page });
      open = null;
    } else {
      open.text.push(line);
    }
  }
  if (open !== null) throw new Error(`${page}: the block at line ${open.line} is not closed`);
  return blocks;
}

/** The page with another text in the block that opens at `line`. */
export function withBlock(markdown: string, block: Block, text: string): string {
  const lines = markdown.split('\n');
  lines.splice(block.line, block.text.split('\n').length, ...text.split('\n'));
  return lines.join('\n');
}
