/** Choices that the review of the kernel patch discusses, beside the baseline. */

/** Choices the patch's review discusses, made once for a machine. */
export interface Policies {
  /**
   * What a replace away from a fault-capable hwpt answers: everything of the old attach handle, as
   * merged, or only if the new hwpt is not fault-capable, as the posting's cover letter meant.
   */
  readonly autoResponse: 'EVERY_REPLACE' | 'ONLY_TO_PLAIN';
  /** Whether the IOMMU driver finishes page requests in flight before a domain is gone. */
  readonly inFlightRequests: 'DRAINED' | 'NOT_DRAINED';
  /** Virtual functions: as the baseline refuses them, or with an emulated PRI of their own. */
  readonly virtualFunctions: 'AS_BASELINE' | 'EMULATED_PRI';
}

export const DEFAULT_POLICIES: Policies = {
  autoResponse: 'EVERY_REPLACE',
  inFlightRequests: 'DRAINED',
  virtualFunctions: 'AS_BASELINE',
};
