/** What the stories are made of. */

export interface StoryStep {
  /** What the step is about, one line. */
  readonly name: string;
  /** For somebody who has never seen iommufd. */
  readonly text: string;
  /** A document with one named operation. */
  readonly query: string;
}

/** What each mutation selects of a refusal. */
export const REFUSED = '... on KernelError { errno message }';
