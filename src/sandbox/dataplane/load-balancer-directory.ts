import type { ServingState, StoredListener, StoredLoadBalancer } from '../aws/state.ts';
import type { LoadBalancerNames } from '../dns/lookup.ts';
import type { AddressPlan } from './address-plan.ts';
import type { Bound } from './bind.ts';

/** One load balancer as clients on this machine reach it. */
export type LoadBalancerAddress = {
  readonly arn: string;
  /** The load balancer's own loopback address. */
  readonly address: string;
  /** Listeners that serve: the port AWS was told, and where it is reached on this machine. */
  readonly listeners: readonly ListenerAddress[];
};

type ListenerAddress = { readonly port: number; readonly host: string; readonly localPort: number };

/** Where every load balancer and listener is. */
export type Directory = {
  /** By DNS name; load balancers that do not serve yet have no listeners. */
  addresses(): ReadonlyMap<string, LoadBalancerAddress>;
  /** For DNS. */
  readonly byName: LoadBalancerNames;
  /** Where to connect for an address and port; the same unless a stand-in port is in use. */
  endpoint(address: string, port: number): Bound;
  forget(): void;
};

/** Reads the state once per change, so that a look-up costs the same however many load balancers there are. */
export const loadBalancerDirectory = (
  state: ServingState,
  plan: AddressPlan,
  boundTo: (listenerArn: string) => Bound | undefined,
): Directory => {
  let names: Map<string, StoredLoadBalancer> | undefined;
  let listeners: Map<string, StoredListener[]> | undefined;
  const listenersOf = (arn: string): readonly ListenerAddress[] => {
    listeners ??= Map.groupBy(state.listeners.values(), (listener) => listener.LoadBalancerArn);
    return (listeners.get(arn) ?? []).flatMap((listener) => {
      const bound = boundTo(listener.ListenerArn);
      return bound === undefined
        ? []
        : [{ port: listener.Port ?? 80, host: bound.host, localPort: bound.port }];
    });
  };
  return {
    addresses: () =>
      new Map(
        [...state.loadBalancers].map(([arn, { DNSName }]) => [
          DNSName,
          { arn, address: plan.addressOf(arn), listeners: listenersOf(arn) },
        ]),
      ),
    byName: (dnsName) => {
      names ??= new Map([...state.loadBalancers.values()].map((each) => [each.DNSName.toLowerCase(), each]));
      const found = names.get(dnsName);
      if (found === undefined) return undefined;
      const dualStack = found.IpAddressType?.startsWith('dualstack') === true;
      return { address: plan.addressOf(found.LoadBalancerArn), dualStack };
    },
    endpoint: (address, port) => {
      const arn = plan.arnAt(address);
      const found =
        arn === undefined ? undefined : listenersOf(arn).find((listener) => listener.port === port);
      return found === undefined ? { host: address, port } : { host: found.host, port: found.localPort };
    },
    forget: () => {
      names = undefined;
      listeners = undefined;
    },
  };
};
