/** A TLS request to a load balancer of the sandbox, with what it showed of itself. */
import { once } from 'node:events';
import { request as connectRequest } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';

export type Shaken = {
  /** Serial number of the certificate, as hex. */
  readonly serial: string;
  readonly names: string;
  readonly status: number;
  readonly body: string;
};

/** Goes by the names of the sandbox's Route 53, through its forward proxy. Believes any certificate, but tells which. */
export const handshake = async (proxyUrl: string, host: string): Promise<Shaken> => {
  const { hostname, port } = new URL(proxyUrl);
  const asked = connectRequest({
    host: hostname,
    port,
    method: 'CONNECT',
    path: `${host}:443`,
    agent: false,
  });
  asked.end();
  const [answer, socket] = (await once(asked, 'connect')) as [{ statusCode?: number }, Socket];
  if (answer.statusCode !== 200) {
    socket.destroy();
    throw new Error(`the proxy answers ${answer.statusCode}`);
  }
  const secure = connect({ socket, servername: host, rejectUnauthorized: false });
  try {
    await once(secure, 'secureConnect');
    const { serialNumber, subjectaltname = '' } = secure.getPeerCertificate();
    secure.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    let text = '';
    for await (const chunk of secure) text += String(chunk);
    const [head = '', body = ''] = text.split('\r\n\r\n');
    return { serial: serialNumber, names: subjectaltname, status: Number(head.split(' ')[1]), body };
  } finally {
    secure.destroy();
  }
};
