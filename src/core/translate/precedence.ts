/**
 * Which rule comes first. The Ingress specification wants the most specific path to win, across all Ingresses of
 * a group; LBC keeps the order in which things were written. `group.order` beats both.
 */
export type RuleOrder = 'ingress-spec' | 'lbc';

export type Place = {
  /** `group.order` of the Ingress, -1000..1000. */
  readonly order: number;
  /** `namespace/name` of the Ingress. */
  readonly ingress: string;
  /** When the Ingress was made (RFC 3339): of two that want the same, the older one has it. */
  readonly created: string;
  /** Position of the rule and of the path inside the Ingress, as written. */
  readonly rule: number;
  readonly path: number;
  readonly host: string;
  readonly pathValue: string;
  readonly pathType: string;
};

type Compare = (a: Place, b: Place) => number;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const hostRank = (host: string): number => (host === '' ? 2 : host.startsWith('*') ? 1 : 0);
/** Values that match every path, as an ALB reads them. */
const matchesAll = ({ pathType, pathValue }: Place): boolean =>
  pathValue === '' || pathValue === (pathType === 'Prefix' ? '/' : '/*');

const typeRank = (place: Place): number =>
  matchesAll(place) ? 3 : place.pathType === 'Exact' ? 0 : place.pathType === 'Prefix' ? 1 : 2;

/** Exact before wildcard before no host; the longer wildcard is the more specific one. */
const byHost: Compare = (a, b) =>
  hostRank(a.host) - hostRank(b.host) || (hostRank(a.host) === 1 ? b.host.length - a.host.length : 0);

/** Exact path, longer prefix, shorter prefix, implementation-specific as written, everything. */
const byPath: Compare = (a, b) => {
  const rank = typeRank(a) - typeRank(b);
  if (rank !== 0) return rank;
  return typeRank(a) < 2 ? b.pathValue.length - a.pathValue.length : 0;
};

const asWritten: Compare = (a, b) =>
  compareText(a.created, b.created) ||
  compareText(a.ingress, b.ingress) ||
  a.rule - b.rule ||
  a.path - b.path;

const ingressSpec: Compare = (a, b) =>
  a.order - b.order || byHost(a, b) || compareText(a.host, b.host) || byPath(a, b) || asWritten(a, b);

/** LBC looks at specificity only inside one entry of `spec.rules`. */
const lbc: Compare = (a, b) =>
  a.order - b.order ||
  compareText(a.ingress, b.ingress) ||
  a.rule - b.rule ||
  lbcPathRank(a) - lbcPathRank(b) ||
  (a.pathType === 'Prefix' && b.pathType === 'Prefix' ? b.pathValue.length - a.pathValue.length : 0) ||
  a.path - b.path;

const lbcPathRank = (place: Place): number =>
  place.pathType === 'Exact' ? 0 : place.pathType === 'Prefix' ? 1 : 2;

/** Compares two rules: negative when the first must match first. Total: no two different places are equal. */
export const comparePlaces = (order: RuleOrder): Compare => (order === 'lbc' ? lbc : ingressSpec);
