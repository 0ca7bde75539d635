/**
 * Annotations under our prefix that other controllers know and this one does not (yet). Names ending in `*` are
 * families. `guards` marks those that restrict who gets in: leaving them out is not harmless, unless the value is
 * the one given (`none` switches them off).
 */
export const NOT_SUPPORTED_YET: Readonly<Record<string, { readonly guards?: true | 'unless none' }>> = {
  'manage-backend-security-group-rules': {},
  'waf-acl-id': { guards: 'unless none' },
  'web-acl-id': { guards: 'unless none' },
  'target-control-port.*': {},
};

/** Names that were never read by any controller, or are written by one, and what to know instead. */
export const NEVER_READ: Readonly<Record<string, { readonly words: string; readonly didYouMean?: string }>> =
  {
    'healthcheck-healthy-threshold-count': {
      words: 'stood in old documentation and was never read by any controller',
      didYouMean: 'healthy-threshold-count',
    },
    'healthcheck-unhealthy-threshold-count': {
      words: 'stood in old documentation and was never read by any controller',
      didYouMean: 'unhealthy-threshold-count',
    },
    port: {
      words: 'stood in an old example and was never read by any controller',
      didYouMean: 'listen-ports',
    },
    'dry-run-plan': { words: 'was written by another controller and has no effect' },
  };
