import type { StoredLoadBalancer } from '../aws/state.ts';

/** The load balancer attributes that change how requests are served, with AWS's defaults. */
export type LoadBalancerSettings = {
  /** As it stands in access logs: the part of the ARN after `loadbalancer/`. */
  readonly logName: string;
  readonly arn: string;
  readonly dnsName: string;
  /** Real milliseconds, not emulator time: the applications behind the load balancer run in real time. */
  readonly idleTimeoutMs: number;
  /** Emulator milliseconds after which a connection serves one more request and ends. */
  readonly clientKeepAliveMs: number;
  readonly forwardedFor: 'append' | 'preserve' | 'remove';
  readonly forwardedForPort: boolean;
  readonly preserveHost: boolean;
  readonly dropInvalidHeaders: boolean;
  readonly tlsHeaders: boolean;
  readonly http2: boolean;
};

export const loadBalancerSettings = (loadBalancer: StoredLoadBalancer): LoadBalancerSettings => {
  const { attributes } = loadBalancer;
  const isOn = (key: string): boolean => attributes[key] === 'true';
  const mode = attributes['routing.http.xff_header_processing.mode'];
  return {
    logName: loadBalancer.LoadBalancerArn.split('loadbalancer/')[1] ?? loadBalancer.LoadBalancerName,
    arn: loadBalancer.LoadBalancerArn,
    dnsName: loadBalancer.DNSName,
    idleTimeoutMs: Number(attributes['idle_timeout.timeout_seconds'] ?? 60) * 1000,
    clientKeepAliveMs: Number(attributes['client_keep_alive.seconds'] ?? 3600) * 1000,
    forwardedFor: mode === 'preserve' || mode === 'remove' ? mode : 'append',
    forwardedForPort: isOn('routing.http.xff_client_port.enabled'),
    preserveHost: isOn('routing.http.preserve_host_header.enabled'),
    dropInvalidHeaders: isOn('routing.http.drop_invalid_header_fields.enabled'),
    tlsHeaders: isOn('routing.http.x_amzn_tls_version_and_cipher_suite.enabled'),
    http2: attributes['routing.http2.enabled'] !== 'false',
  };
};
