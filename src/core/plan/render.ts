/** A plan as text for people: `+` create, `~` change, `>` move, `<` adopt, `-` delete, `!` held back and why. */
import { missingTags, staleTags } from '../model/fields.ts';
import type { Login } from '../model/guard.ts';
import { identity } from '../model/key.ts';
import type { Resource } from '../model/resource.ts';
import type { Action, Condition, Transform } from '../model/rule.ts';
import type { Tags } from '../model/tags.ts';
import type { FieldChange, Hold, Operation, Plan, Update } from './plan.ts';

/** The whole plan; one line when there is nothing to do. Ends with a line of totals. */
export const renderPlan = (plan: Plan): string => {
  if (plan.operations.length === 0 && plan.holds.length === 0) return 'nothing to do\n';
  const lines = [...plan.operations.flatMap(renderOperation), ...plan.holds.map(renderHold)];
  return `${[...lines, totals(plan)].join('\n')}\n`;
};

const renderHold = (hold: Hold): string => `! hold ${hold.key}\n    ${hold.why}`;

const renderOperation = (operation: Operation): readonly string[] => {
  switch (operation.verb) {
    case 'create': {
      const because = operation.replaces ? [`    replaces: ${operation.replaces}`] : [];
      return [`+ create ${operation.key}`, ...because, ...describe(operation.resource).map(indent)];
    }
    case 'update':
    case 'adopt': {
      const sign = operation.verb === 'adopt' ? '<' : '~';
      return [
        `${sign} ${operation.verb} ${operation.key}`,
        ...conditions(operation).map((line) => `    when: ${line}`),
        ...operation.changes.flatMap(renderChange).map(indent),
      ];
    }
    case 'prepare':
      return [`~ prepare ${operation.key}`, ...operation.changes.flatMap(renderChange).map(indent)];
    case 'move':
      return [
        `> move rules of ${operation.key}`,
        ...operation.moves.map((move) => `    ${identity(move.rule)}: ${move.from} -> ${move.to}`),
      ];
    case 'delete': {
      const grace = operation.grace > 0 ? [`    when: unused for ${operation.grace} s`] : [];
      return [
        `- delete ${operation.key}`,
        ...(operation.replacedBy ? [`    replaced by: ${operation.replacedBy}`] : []),
        ...grace,
      ];
    }
  }
};

const conditions = ({ when, step, back, changes }: Update): readonly string[] => [
  ...(when === undefined ? [] : [condition(when, !step && changes.some(({ field }) => field === 'alias'))]),
  ...(step ? [`${step.interval} s have passed since the last step`] : []),
  ...(back ? ['otherwise everything goes back to what was there before'] : []),
];

const condition = (when: NonNullable<Update['when']>, isNew: boolean): string => {
  if (when === 'not serving') return 'the load balancer stops serving';
  return when === 'serving'
    ? `the ${isNew ? 'new ' : ''}load balancer is active and its targets are healthy`
    : `${when.healthy.join(', ')} has a healthy target`;
};

const indent = (line: string): string => `    ${line}`;

const renderChange = (change: FieldChange): readonly string[] => {
  if (change.field === 'tags') return tagChanges(change.to as Tags, change.from as Tags);
  if (change.field === 'attributes')
    return attributeChanges(change.to as Tags, change.from as Tags | undefined);
  if (
    Array.isArray(change.from) &&
    Array.isArray(change.to) &&
    change.field !== 'certificates' &&
    change.field !== 'defaultActions' &&
    change.field !== 'actions' &&
    change.field !== 'transforms'
  )
    return setChanges(change.field, change.from, change.to);
  return [`${change.field}: ${show(change.field, change.from)} -> ${show(change.field, change.to)}`];
};

const tagChanges = (want: Tags, have: Tags): readonly string[] => [
  ...Object.entries(missingTags(want, have)).map(
    ([name, value]) => `tags.${name}: ${have[name] ?? '(none)'} -> ${value}`,
  ),
  ...staleTags(want, have).map((name) => `tags.${name}: ${have[name]} -> (none)`),
];

const attributeChanges = (want: Tags, have: Tags | undefined): readonly string[] =>
  Object.entries(want)
    .filter(([name, value]) => have?.[name] !== value)
    .map(([name, value]) => `attributes.${name}: ${have?.[name] ?? '(unknown)'} -> ${value || '(empty)'}`);

const setChanges = (field: string, from: readonly unknown[], to: readonly unknown[]): readonly string[] => {
  const before = new Set(from.map((item) => show(field, item)));
  const after = new Set(to.map((item) => show(field, item)));
  return [
    ...[...after].filter((item) => !before.has(item)).map((item) => `${field}: + ${item}`),
    ...[...before].filter((item) => !after.has(item)).map((item) => `${field}: - ${item}`),
  ];
};

const describe = (resource: Resource): readonly string[] =>
  Object.entries(resource.spec)
    .filter(([field, value]) => !isQuiet(field, value))
    .map(([field, value]) => `${field}: ${show(field, value)}`);

/** Fields that the key or another line already says, and fields that say nothing. */
const isQuiet = (field: string, value: unknown): boolean =>
  ['serves', 'application', 'listener', 'loadBalancer', 'zone', 'tags'].includes(field) ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** One value in a form a person reads at a glance. */
const show = (field: string, value: unknown): string => {
  if (field === 'conditions') return (value as readonly Condition[]).map(showCondition).join(' and ');
  if (field === 'actions' || field === 'defaultActions')
    return (value as readonly Action[]).map(showAction).join(', then ');
  if (field === 'transforms')
    return ((value ?? []) as readonly Transform[]).map(showTransform).join(', then ') || '(none)';
  if (Array.isArray(value)) return value.map((item) => show('', item)).join(', ');
  if (value === undefined || value === '') return '(none)';
  if (typeof value !== 'object' || value === null) return String(value);
  if ('id' in value && 'port' in value)
    return `${String(value.id)}:${String(value.port)}${'zone' in value ? ' (outside the VPC)' : ''}`;
  if ('fromPort' in value) return showPermission(value as Record<string, unknown>);
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${name}=${show('', member)}`)
    .join(' ');
};

const showPermission = (it: Record<string, unknown>): string =>
  `${it.protocol} ${it.fromPort === it.toPort ? it.fromPort : `${it.fromPort}-${it.toPort}`} from ${it.cidr ?? it.cidr6 ?? it.prefixList}`;

/** A condition as one would say it: `host is a.example.com or b.example.com`. */
export const showCondition = (condition: Condition): string => {
  switch (condition.field) {
    case 'query-string':
      return `query has ${condition.pairs.map((pair) => (pair.key ? `${pair.key}=${pair.value}` : pair.value)).join(' or ')}`;
    case 'http-request-method':
      return `method is ${condition.values.join(' or ')}`;
    case 'source-ip':
      return `source is ${condition.values.join(' or ')}`;
    default: {
      const name =
        condition.field === 'http-header'
          ? `header ${condition.header}`
          : condition.field === 'host-header'
            ? 'host'
            : 'path';
      return condition.values
        ? `${name} is ${condition.values.join(' or ')}`
        : `${name} matches ${(condition.regexValues ?? []).join(' or ')}`;
    }
  }
};

/** What differs from the usual login. */
const showLogin = ({ scope, cookie, sessionSeconds, onUnauthenticated, extraParams }: Login): string => {
  const said = [
    ...(scope === 'openid' ? [] : [`scope ${scope}`]),
    ...(cookie === 'AWSELBAuthSessionCookie' ? [] : [`cookie ${cookie}`]),
    ...(sessionSeconds === 604_800 ? [] : [`session of ${sessionSeconds} s`]),
    ...(onUnauthenticated === 'authenticate' ? [] : [`${onUnauthenticated} others`]),
    ...Object.entries(extraParams).map(([name, value]) => `${name}=${value}`),
  ];
  return said.length > 0 ? ` (${said.join(', ')})` : '';
};

/** An action as one would say it: `forward to …`. */
export const showAction = (action: Action): string => {
  switch (action.type) {
    case 'fixed-response':
      return `answer ${action.statusCode}`;
    case 'redirect':
      return `redirect ${action.statusCode.slice(5)} to ${action.protocol}://${action.host}:${action.port}${action.path}?${action.query}`;
    case 'authenticate-oidc': {
      const { from } = action.client;
      return `log in at ${action.issuer}${from ? ` as the client in Secret ${from}` : ''}${showLogin(action.login)}`;
    }
    case 'authenticate-cognito':
      return `log in at Cognito ${action.domain} (${action.userPool}, client ${action.clientId})${showLogin(action.login)}`;
    case 'jwt-validation':
      return `check the token of ${action.issuer} with keys at ${action.jwksEndpoint}${action.claims.map(({ name, values }) => ` and ${name} ${values.join(' or ')}`).join('')}`;
    case 'forward': {
      const several = action.targetGroups.length > 1;
      return `forward to ${action.targetGroups.map((it) => `${it.targetGroup}${several ? ` (weight ${it.weight})` : ''}`).join(', ')}`;
    }
  }
};

const showTransform = ({ type, regex, replace }: Transform): string =>
  `${type === 'url-rewrite' ? 'rewrite the path' : 'rewrite the host'} ${regex} to ${replace || '(nothing)'}`;

const totals = (plan: Plan): string => {
  const count = (verb: string): number =>
    plan.operations.filter((operation) => operation.verb === verb).length;
  const said = [
    ['create', count('create')],
    ['adopt', count('adopt')],
    ['update', count('update') + count('move')],
    ['delete', count('delete')],
    ['hold', plan.holds.length],
  ] as const;
  return `plan: ${said.map(([verb, number]) => `${number} to ${verb}`).join(', ')}`;
};
