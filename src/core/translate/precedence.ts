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

/** One reason to come first, in the words of `alb-ingress plan --explain`. */
type Criterion = { readonly words: string; readonly by: Compare };

const ORDER: Criterion = { words: 'the lower group.order', by: (a, b) => a.order - b.order };
const INGRESS: Criterion = {
  words: 'the Ingress whose name sorts first',
  by: (a, b) => compareText(a.ingress, b.ingress),
};

const INGRESS_SPEC: readonly Criterion[] = [
  ORDER,
  {
    words: 'an exact host before a wildcard, and both before any host',
    by: (a, b) => hostRank(a.host) - hostRank(b.host),
  },
  {
    words: 'the longer wildcard host',
    by: (a, b) => (hostRank(a.host) === 1 ? b.host.length - a.host.length : 0),
  },
  { words: 'another host: no request matches both', by: (a, b) => compareText(a.host, b.host) },
  {
    words: 'an Exact path before Prefix before ImplementationSpecific, and what matches every path last',
    by: (a, b) => typeRank(a) - typeRank(b),
  },
  {
    words: 'the longer path',
    by: (a, b) => (typeRank(a) < 2 ? b.pathValue.length - a.pathValue.length : 0),
  },
  { words: 'the older Ingress', by: (a, b) => compareText(a.created, b.created) },
  INGRESS,
  { words: 'written first', by: (a, b) => a.rule - b.rule || a.path - b.path },
];

/** LBC looks at specificity only inside one entry of `spec.rules`. */
const LBC: readonly Criterion[] = [
  ORDER,
  INGRESS,
  { words: 'written first', by: (a, b) => a.rule - b.rule },
  {
    words: 'an Exact path before Prefix before ImplementationSpecific',
    by: (a, b) => lbcPathRank(a) - lbcPathRank(b),
  },
  {
    words: 'the longer prefix',
    by: (a, b) =>
      a.pathType === 'Prefix' && b.pathType === 'Prefix' ? b.pathValue.length - a.pathValue.length : 0,
  },
  { words: 'written first', by: (a, b) => a.path - b.path },
];

const lbcPathRank = (place: Place): number =>
  place.pathType === 'Exact' ? 0 : place.pathType === 'Prefix' ? 1 : 2;

const criteria = (order: RuleOrder): readonly Criterion[] => (order === 'lbc' ? LBC : INGRESS_SPEC);

/** Compares two rules: negative when the first must match first. Total: no two different places are equal. */
export const comparePlaces = (order: RuleOrder): Compare => {
  const all = criteria(order);
  return (a, b) => {
    for (const { by } of all) {
      const difference = by(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  };
};

/** Why the first of two places comes before the second; undefined where it does not, by this order. */
export const whyBefore = (first: Place, second: Place, order: RuleOrder): string | undefined => {
  const found = criteria(order).find(({ by }) => by(first, second) !== 0);
  return found && found.by(first, second) < 0 ? found.words : undefined;
};
