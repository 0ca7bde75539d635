import type { ServingState, StoredListener, StoredRule } from '../aws/state.ts';
import { textOf } from '../text-of.ts';
import type { AccessLog } from './access-log.ts';
import type { AddressPlan } from './address-plan.ts';
import { type Bound, bind } from './bind.ts';
import { createFront, type Front } from './front.ts';
import { generatedHeaders } from './generated-headers.ts';
import { isActive } from './groups-in-use.ts';
import { type LoadBalancerSettings, loadBalancerSettings } from './load-balancer-settings.ts';
import { type ClientAuthentication, clientAuthentication } from './mtls/client-authentication.ts';
import { type RoutingTable, routingTable } from './routing-table.ts';
import type { Serving } from './serve-request.ts';
import { createStreamFront, type StreamServing } from './stream-front.ts';
import { type TlsContexts, tlsContexts } from './tls-contexts.ts';

/** The servers of all listeners. */
export type Fronts = {
  /** Opens, closes and refreshes servers until they are what the state says. Calls must not overlap. */
  reconcile(): Promise<void>;
  /** What was compiled from the state is made anew when next needed. */
  forget(): void;
  /** Where a listener is reached; undefined while it does not serve. */
  boundTo(listenerArn: string): Bound | undefined;
  close(): Promise<void>;
};

type Running = { readonly identity: string; readonly front: Front; readonly bound: Bound };

export const listenerFronts = (
  state: ServingState,
  plan: AddressPlan,
  serving: Serving,
  log: AccessLog,
  streams: Pick<StreamServing, 'endpoint'>,
): Fronts => {
  const running = new Map<string, Running>();
  const derived = derivedPerChange(state, serving.log);
  const close = async (arn: string): Promise<void> => {
    const front = running.get(arn)?.front;
    running.delete(arn);
    await front?.close();
  };
  const open = async (listener: StoredListener): Promise<void> => {
    const arn = listener.ListenerArn;
    const secure = listener.Protocol === 'HTTPS' || listener.Protocol === 'TLS';
    const tls = secure ? () => derived.tls(arn) : undefined;
    const asksClients = (listener.MutualAuthentication?.Mode ?? 'off') !== 'off';
    const clients = asksClients ? () => derived.clients(arn) : undefined;
    const settings = () => settingsOf(state, listener.LoadBalancerArn);
    const front = isStream(listener)
      ? createStreamFront(arn, tls, { ...streams, state, pools: serving.pools, log: serving.log })
      : createFront({ arn, table: () => derived.table(arn), settings, tls, clients }, serving, log);
    front.refresh();
    try {
      const bound = await bind(front.server, plan.addressOf(listener.LoadBalancerArn), listener.Port ?? 80);
      running.set(arn, { identity: identityOf(state, listener), front, bound });
    } catch (error) {
      serving.log(`listener ${arn} cannot listen: ${textOf(error)}`);
    }
  };
  return {
    reconcile: async () => {
      const wanted = new Map([...state.listeners].filter(([, listener]) => isServed(state, listener)));
      for (const [arn, { identity }] of running) {
        const listener = wanted.get(arn);
        if (listener === undefined || identityOf(state, listener) !== identity) await close(arn);
      }
      for (const [arn, listener] of wanted) {
        const front = running.get(arn)?.front;
        if (front === undefined) await open(listener);
        else front.refresh();
      }
    },
    forget: derived.forget,
    boundTo: (arn) => running.get(arn)?.bound,
    close: async () => {
      await Promise.all([...running.keys()].map(close));
    },
  };
};

/** Before its load balancer is active, a listener's address refuses connections. */
const isServed = (state: ServingState, listener: StoredListener): boolean =>
  isActive(state, listener.LoadBalancerArn) && SERVED.has(listener.Protocol ?? '');

const SERVED: ReadonlySet<string> = new Set(['HTTP', 'HTTPS', 'TCP', 'TLS']);

const isStream = ({ Protocol }: StoredListener): boolean => Protocol === 'TCP' || Protocol === 'TLS';

const settingsOf = (state: ServingState, arn: string): LoadBalancerSettings | undefined => {
  const loadBalancer = state.loadBalancers.get(arn);
  return loadBalancer === undefined ? undefined : loadBalancerSettings(loadBalancer);
};

/** What cannot change under a listening server. */
const identityOf = (state: ServingState, listener: StoredListener): string => {
  const http2 = state.loadBalancers.get(listener.LoadBalancerArn)?.attributes['routing.http2.enabled'];
  const asksClients = (listener.MutualAuthentication?.Mode ?? 'off') !== 'off';
  return [
    listener.LoadBalancerArn,
    listener.Protocol,
    listener.Port,
    http2,
    asksClients,
    listener.AlpnPolicy,
  ].join(' ');
};

type Derived = {
  table(listenerArn: string): RoutingTable | undefined;
  tls(listenerArn: string): TlsContexts;
  clients(listenerArn: string): ClientAuthentication | undefined;
  forget(): void;
};

/** Routing tables, certificates and what is asked of clients' certificates, compiled when first asked for after a change and then kept. */
const derivedPerChange = (state: ServingState, log: (message: string) => void): Derived => {
  const tables = new Map<string, RoutingTable | undefined>();
  const contexts = new Map<string, TlsContexts>();
  const clients = new Map<string, ClientAuthentication | undefined>();
  const clientsOf = (listener: StoredListener): ClientAuthentication | undefined => {
    const arn = listener.ListenerArn;
    if (!clients.has(arn))
      clients.set(arn, clientAuthentication(state, listener, generatedHeaders(listener.attributes)));
    return clients.get(arn);
  };
  let rules: Map<string, StoredRule[]> | undefined;
  return {
    table: (arn) => {
      if (tables.has(arn)) return tables.get(arn);
      rules ??= Map.groupBy(state.rules.values(), (rule) => rule.listenerArn);
      const listener = state.listeners.get(arn);
      const table =
        listener === undefined ? undefined : routingTable(state, listener, rules.get(arn) ?? [], log);
      tables.set(arn, table);
      return table;
    },
    tls: (arn) => {
      const listener = state.listeners.get(arn);
      const known = contexts.get(arn);
      if (known !== undefined || listener === undefined) return known ?? NO_CERTIFICATES;
      const made = tlsContexts(state, listener, clientsOf(listener), log);
      contexts.set(arn, made);
      return made;
    },
    clients: (arn) => {
      const listener = state.listeners.get(arn);
      return listener === undefined ? undefined : clientsOf(listener);
    },
    forget: () => {
      tables.clear();
      clients.clear();
      contexts.clear();
      rules = undefined;
    },
  };
};

const NO_CERTIFICATES: TlsContexts = { fallback: undefined, pick: () => undefined };
