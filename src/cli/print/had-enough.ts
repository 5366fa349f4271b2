/** What nobody reads any more. */

/** Who reads no further, as `head` does, has had enough. */
export function hadEnough(error: NodeJS.ErrnoException, goesOn: boolean): void {
  if (error.code !== 'EPIPE') throw error;
  if (!goesOn) process.exit(0);
}
