import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ServingState, StoredListener, StoredRule } from '../aws/state.ts';
import { textOf } from '../text-of.ts';
import { type AnswerShape, answerShape } from './answer-shape.ts';
import { type AuthenticateGate, compileGate, type Gate } from './auth/gate.ts';
import { type Condition, compileCondition } from './condition.ts';
import { type GeneratedHeaders, generatedHeaders } from './generated-headers.ts';
import { type LoadBalancerSettings, loadBalancerSettings } from './load-balancer-settings.ts';
import type { RequestFacts } from './request-facts.ts';
import { compileAction, type RuleAction } from './rule-action.ts';
import { compileTransforms, type Transform } from './transform.ts';
import { type WebAclCheck, webAclCheck } from './web-acl.ts';

/** A rule ready to be asked. `priority` 0 is the default rule, as access logs number it. */
export type Route = {
  readonly priority: number;
  /** What a request has to pass before the action. */
  readonly gate: Gate | undefined;
  readonly action: RuleAction;
  readonly transform: Transform | undefined;
};

/** Everything one listener needs to serve a request, made from the state once per change. */
export type RoutingTable = {
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  readonly settings: LoadBalancerSettings;
  readonly webAcl: WebAclCheck | undefined;
  readonly answers: AnswerShape | undefined;
  readonly generated: GeneratedHeaders;
  /** Every way to log in that a rule of this listener has. */
  readonly logins: readonly AuthenticateGate[];
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
    .flatMap((rule) => compileRule(state, rule, log))
    .sort((a, b) => a.route.priority - b.route.priority);
  const steps = compileSteps(state, listener.DefaultActions ?? []);
  const fallback: Route = { priority: 0, transform: undefined, ...steps };
  const candidates = candidatesByHost(compiled);
  return {
    protocol: listener.Protocol === 'HTTPS' ? 'HTTPS' : 'HTTP',
    port: listener.Port ?? 80,
    settings: loadBalancerSettings(loadBalancer),
    webAcl: webAclCheck(state, listener.LoadBalancerArn),
    answers: answerShape(listener.attributes),
    generated: generatedHeaders(listener.attributes),
    logins: [...compiled.map((rule) => rule.route), fallback].flatMap(({ gate }) =>
      gate?.kind === 'authenticate' ? [gate] : [],
    ),
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

const compileRule = (
  state: ServingState,
  rule: StoredRule,
  log: (message: string) => void,
): readonly CompiledRule[] => {
  if (rule.IsDefault === true) return [];
  try {
    const conditions = (rule.Conditions ?? []).map(compileCondition);
    const route = {
      priority: Number(rule.Priority),
      ...compileSteps(state, rule.Actions ?? []),
      transform: compileTransforms(rule.Transforms ?? []),
    };
    return [{ route, hosts: conditions.flatMap(hostTest), tests: conditions.flatMap(requestTest) }];
  } catch (error) {
    log(`rule ${rule.RuleArn} is left out: ${textOf(error)}`);
    return [];
  }
};

/** A gate that cannot be set up lets nobody pass: the rule then says what is missing. */
const compileSteps = (state: ServingState, actions: readonly Action[]): Pick<Route, 'gate' | 'action'> => {
  try {
    return { gate: compileGate(actions, state), action: compileAction(actions) };
  } catch (error) {
    const what = textOf(error);
    return { gate: undefined, action: { kind: 'unsupported', what } };
  }
};

const hostTest = (condition: Condition) => (condition.on === 'host' ? [condition.test] : []);
const requestTest = (condition: Condition) => (condition.on === 'request' ? [condition.test] : []);

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
