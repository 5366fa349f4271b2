/** What a client takes: the values of `Accept` and `Accept-Encoding` with their weights. */

export interface Weighted {
  /** In lower case. */
  readonly name: string;
  /** From 0, not acceptable, to 1. */
  readonly weight: number;
}

/** Source: RFC 9110, 12.4.2. */
export function weightsOf(header: string | null | undefined): Weighted[] {
  return (header ?? '').split(',').map(part => {
    const [name = '', ...parameters] = part.split(';').map(text => text.trim().toLowerCase());
    const weight = parameters.find(text => text.startsWith('q='));
    return { name, weight: weight === undefined ? 1 : Number(weight.slice(2)) };
  });
}

/** Whether a client names it, and not as what it does not take. */
export function takes(header: string | null | undefined, wanted: string): boolean {
  return weightsOf(header).some(({ name, weight }) => name === wanted && weight > 0);
}
