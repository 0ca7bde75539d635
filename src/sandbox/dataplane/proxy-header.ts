import { isIPv4, type Socket } from 'node:net';

const SIGNATURE = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const VERSION_2_PROXY = 0x21;
const TCP_OVER_IPV4 = 0x11;
const UNSPECIFIED = 0x00;

/** The header of the proxy protocol, version 2, that tells a target who connected to the load balancer. */
export const proxyHeader = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): Buffer => {
  if (!isIPv4(remoteAddress ?? '') || !isIPv4(localAddress ?? ''))
    return Buffer.concat([SIGNATURE, Buffer.from([VERSION_2_PROXY, UNSPECIFIED, 0, 0])]);
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(remotePort ?? 0, 0);
  ports.writeUInt16BE(localPort ?? 0, 2);
  const addresses = [remoteAddress, localAddress].flatMap((address = '') => address.split('.').map(Number));
  return Buffer.concat([
    SIGNATURE,
    Buffer.from([VERSION_2_PROXY, TCP_OVER_IPV4, 0, addresses.length + ports.length, ...addresses]),
    ports,
  ]);
};
