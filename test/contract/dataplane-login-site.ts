/** A site behind a login, for the tests of authentication. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { StoredLoadBalancer } from '../../src/sandbox/aws/state.ts';
import { DEFAULT_CERTIFICATE, HTTPS } from './dataplane-certificates.ts';
import { type Browser, newBrowser } from './dataplane-issuer.ts';
import { eventually, type World, whereIs } from './dataplane-world.ts';

export const SITE = 'https://app.example.com';

/** A load balancer whose default actions are a login and then `last`, and a browser that knows it as SITE. */
export const loginSite = async (
  world: World,
  login: Action,
  last: Action,
): Promise<{ loadBalancer: StoredLoadBalancer; browser: Browser }> => {
  world.state.certificates.set(DEFAULT_CERTIFICATE.arn, DEFAULT_CERTIFICATE);
  const loadBalancer = world.loadBalancer();
  world.listener(loadBalancer, [login, { ...last, Order: 2 }], HTTPS);
  await world.changed();
  const browser = newBrowser((url) =>
    url.origin === SITE ? whereIs(world, loadBalancer) : { host: url.hostname, port: Number(url.port) },
  );
  return { loadBalancer, browser };
};

/** The error reason that the last request of a load balancer is logged with, once it is there with this status. */
export const errorReason = async (
  world: World,
  loadBalancer: StoredLoadBalancer,
  status: number,
): Promise<string> => {
  const fields = (): string[] =>
    world.plane
      .accessLog()
      .findLast((line) => line.includes(`app/${loadBalancer.LoadBalancerName}/`))
      ?.match(/"[^"]*"|\S+/g) ?? [];
  await eventually('the request is logged', () => fields()[8] === String(status));
  return (fields()[24] ?? '').replaceAll('"', '');
};
