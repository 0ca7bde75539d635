import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import { grpcFrame } from './grpc-frame.ts';

/** gRPC status codes this server answers with. */
const OK = '0';
const UNIMPLEMENTED = '12';

/**
 * A gRPC server for any unary method: the messages come back as they were sent. It speaks the health protocol, and says
 * UNIMPLEMENTED to the load balancer's default health check path, as servers do that do not know it.
 */
export const grpcEcho = async (request: IncomingMessage, answer: ServerResponse): Promise<void> => {
  // The server is an HTTP/2 one, whose responses differ in type only from those of HTTP/1.
  const response = answer as unknown as Http2ServerResponse;
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('application/grpc')) {
    response.writeHead(415, { 'content-type': 'text/plain' });
    response.end('a gRPC server: content-type must be application/grpc\n');
    return;
  }
  if (request.url === '/AWS.ALB/healthcheck') {
    response.writeHead(200, { 'content-type': 'application/grpc', 'grpc-status': UNIMPLEMENTED });
    response.end();
    return;
  }
  const serving = grpcFrame(Buffer.from([8, 1]));
  response.writeHead(200, { 'content-type': 'application/grpc' });
  response.addTrailers({ 'grpc-status': OK });
  response.end(request.url === '/grpc.health.v1.Health/Check' ? serving : Buffer.concat(chunks));
};
