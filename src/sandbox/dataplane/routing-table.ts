import type { ServingState, StoredListener, StoredRule } from '../aws/state.ts';
import { type Condition, compileCondition } from './condition.ts';
import { type LoadBalancerSettings, loadBalancerSettings } from './load-balancer-settings.ts';
import type { RequestFacts } from './request-facts.ts';
import { compileActions, type RuleAction } from './rule-action.ts';
import { compileTransforms, type Transform } from './transform.ts';

/** A rule ready to be asked. `priority` 0 is the default rule, as access logs number it. */
export type Route = {
  readonly priority: number;
  readonly action: RuleAction;
  readonly transform: Transform | undefined;
};

/** Everything one listener needs to serve a request, made from the state once per change. */
export type RoutingTable = {
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  readonly settings: LoadBalancerSettings;
  /** The rule of lowest priority number that fits; the default rule when none does. */
  route(request: RequestFacts): Route;
};

/**
 * Compiles the rules of one listener. A rule the sandbox cannot compile never matches and is reported through `log`:
 * the API refuses such rules, so this only happens to a state filled by hand.
 */
export const routingTable = (
  state: ServingState,
  listener: StoredListener,
  rules: readonly StoredRule[],
  log: (message: string) => void,
): RoutingTable | undefined => {
  const loadBalancer = state.loadBalancers.get(listener.LoadBalancerArn);
  if (loadBalancer === undefined) return undefined;
  const compiled = rules
    .flatMap((rule) => compileRule(rule, log))
    .sort((a, b) => a.route.priority - b.route.priority);
  const refused = refusedListener(listener);
  const action = compileActions(listener.DefaultActions ?? []);
  const fallback: Route = refused ?? { priority: 0, action, transform: undefined };
  const candidates = candidatesByHost(refused === undefined ? compiled : []);
  return {
    protocol: listener.Protocol === 'HTTPS' ? 'HTTPS' : 'HTTP',
    port: listener.Port ?? 80,
    settings: loadBalancerSettings(loadBalancer),
    route: (request) => {
      for (const rule of candidates(request.host)) {
        if (rule.tests.every((test) => test(request))) return rule.route;
      }
      return fallback;
    },
  };
};

type CompiledRule = {
  readonly route: Route;
  readonly hosts: readonly ((host: string) => boolean)[];
  readonly tests: readonly ((request: RequestFacts) => boolean)[];
};

const compileRule = (rule: StoredRule, log: (message: string) => void): readonly CompiledRule[] => {
  if (rule.IsDefault === true) return [];
  try {
    const conditions = (rule.Conditions ?? []).map(compileCondition);
    const route = {
      priority: Number(rule.Priority),
      action: compileActions(rule.Actions ?? []),
      transform: compileTransforms(rule.Transforms ?? []),
    };
    return [{ route, hosts: conditions.flatMap(hostTest), tests: conditions.flatMap(requestTest) }];
  } catch (error) {
    log(`rule ${rule.RuleArn} is left out: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
};

const hostTest = (condition: Condition) => (condition.on === 'host' ? [condition.test] : []);
const requestTest = (condition: Condition) => (condition.on === 'request' ? [condition.test] : []);

/** A listener that asks for client certificates must not serve anybody as long as the sandbox cannot check them. */
const refusedListener = (listener: StoredListener): Route | undefined => {
  const mode = listener.MutualAuthentication?.Mode ?? 'off';
  if (mode === 'off') return undefined;
  return {
    priority: 0,
    action: { kind: 'unsupported', what: `mutual TLS mode '${mode}'` },
    transform: undefined,
  };
};

/** Enough for the host names of real traffic; a flood of invented names only empties it. */
const REMEMBERED_HOSTS = 1024;

/** The rules a host name can reach, worked out once per name: a hundred rules then cost about as much as one. */
const candidatesByHost = (rules: readonly CompiledRule[]): ((host: string) => readonly CompiledRule[]) => {
  const known = new Map<string, readonly CompiledRule[]>();
  return (host) => {
    const found = known.get(host);
    if (found !== undefined) return found;
    if (known.size >= REMEMBERED_HOSTS) known.clear();
    const candidates = rules.filter((rule) => rule.hosts.every((test) => test(host)));
    known.set(host, candidates);
    return candidates;
  };
};
