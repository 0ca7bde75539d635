import type { EmulatorClock, OnChange, ServingState } from '../aws/state.ts';
import { type Lookup, type View, zoneLookup } from '../dns/lookup.ts';
import { accessLog } from './access-log.ts';
import { addressPlan } from './address-plan.ts';
import { gatekeeper } from './auth/gatekeeper.ts';
import type { Bound } from './bind.ts';
import { listenerFronts } from './fronts.ts';
import { healthChecker } from './health-checker.ts';
import { http1Upstream } from './http1-upstream.ts';
import { http2Upstream } from './http2-upstream.ts';
import { type LoadBalancerAddress, loadBalancerDirectory } from './load-balancer-directory.ts';
import { originsInState } from './outgoing.ts';
import type { NameAnswer } from './reach.ts';
import { reconciler } from './reconciler.ts';
import { targetAddresses } from './target-address.ts';
import { targetPools } from './target-pool.ts';

/** The load balancers of an account, really serving. */
export type DataPlane = {
  /** Resolves when servers and health checks are what the state says, all changes told so far included. */
  settled(): Promise<void>;
  /** Every load balancer by its DNS name, also those that do not serve yet. */
  addresses(): ReadonlyMap<string, LoadBalancerAddress>;
  /** The address a name stands for, by the account's Route 53 and load balancer names; by default as the internet sees it. */
  resolve(name: string, view?: View): NameAnswer;
  /** Any record type; what a DNS server answers from. */
  readonly lookup: Lookup;
  /** Where to connect for an address and port that a client wants: differs where a stand-in port is in use. */
  endpoint(address: string, port: number): Bound;
  /** PEM of the key that signs user claims for targets, by its id; what AWS publishes per Region. */
  publicKey(id: string): string | undefined;
  /** The last 1,000 requests as ALB access log lines, oldest first. */
  accessLog(): readonly string[];
  stop(): Promise<void>;
};

/** AWS gives up connecting after 10 seconds; emulator time, as a loopback connection never needs long. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Serves every active load balancer of the state on loopback, checks its targets and answers its names. Reads nothing
 * but the state, and writes nothing but target health and the removal of drained targets.
 *
 * Not supported, and answered with a 501 that says so: Lambda targets, and web ACLs with more than IP sets and a
 * default action. Not evaluated: security groups, slow start, and for Network Load Balancers zones and stickiness.
 */
export const startDataPlane = (options: {
  readonly state: ServingState;
  readonly onChange: OnChange;
  readonly clock: EmulatorClock;
  /** First half of the loopback addresses of load balancers; `127.65` when absent. Two sandboxes need two. */
  readonly network?: string;
  readonly log?: (message: string) => void;
}): DataPlane => {
  const { state, clock, log = () => undefined } = options;
  const plan = addressPlan(options.network ?? '127.65');
  const entries = accessLog();
  const addressOf = targetAddresses(state, plan);
  const pools = targetPools(state, addressOf);
  const connectTimeout = CONNECT_TIMEOUT_MS / clock.speed;
  const upstreams = { http1: http1Upstream(connectTimeout), http2: http2Upstream(connectTimeout) };
  const resolve = (name: string, view?: View): NameAnswer => addressAnswer(names.lookup(name, 'A', view));
  const endpoint = (address: string, port: number): Bound => directory.endpoint(address, port);
  const keeper = gatekeeper(clock, { resolve, endpoint });
  const serving = { pools, upstreams, clock, log, gatekeeper: keeper };
  const fronts = listenerFronts(state, plan, serving, entries, { endpoint });
  const health = healthChecker(state, clock, { addressOf, endpoint }, pools.invalidate);
  const directory = loadBalancerDirectory(state, plan, fronts.boundTo);
  const names = zoneLookup(state.zones, directory.byName);
  const changes = reconciler(
    async () => {
      plan.keepOnly(new Set(state.loadBalancers.keys()));
      const origins = originsInState(state, addressOf);
      upstreams.http1.keepOnly(origins);
      upstreams.http2.keepOnly(origins);
      health.reconcile();
      await fronts.reconcile();
    },
    (error) =>
      log(`load balancers could not be brought in line: ${error instanceof Error ? error.message : error}`),
  );
  options.onChange(() => {
    pools.invalidate();
    fronts.forget();
    directory.forget();
    names.forget();
    changes.schedule();
  });
  changes.schedule();
  return {
    settled: changes.settled,
    addresses: directory.addresses,
    resolve,
    lookup: names.lookup,
    endpoint: directory.endpoint,
    publicKey: keeper.signer.publicKey,
    accessLog: entries.lines,
    stop: async () => {
      await changes.stop();
      health.stop();
      await fronts.close();
      upstreams.http2.stop();
      await upstreams.http1.stop();
    },
  };
};

const addressAnswer = (answer: ReturnType<Lookup>): NameAnswer => {
  switch (answer.status) {
    case 'answer': {
      const address = answer.records.find((record) => record.type === 'A')?.value;
      return address === undefined ? { status: 'nodata' } : { status: 'address', address };
    }
    case 'nodata':
      return { status: 'nodata' };
    case 'failed':
      return { status: 'failed', why: answer.why };
    default:
      return { status: 'nxdomain' };
  }
};
