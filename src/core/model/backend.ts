/** What targets are, and what they speak. */
export type TargetType = 'instance' | 'ip';
export type BackendProtocol = 'HTTP' | 'HTTPS';
export type ProtocolVersion = 'HTTP1' | 'HTTP2' | 'GRPC';
