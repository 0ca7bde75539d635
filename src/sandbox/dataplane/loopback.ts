/**
 * Whether an address is this machine's loopback. The data plane and the forward proxy connect to nothing else, so
 * that a sandbox can never send traffic to a real network because a manifest names one of its addresses.
 */
export const isLoopback = (address: string): boolean =>
  /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i.test(address) || address === '::1';
