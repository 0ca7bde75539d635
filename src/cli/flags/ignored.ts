/** Flags of LBC and of the 2017 controller that mean nothing here: accepted, with one line that says why. */
export const IGNORED_FLAGS: Readonly<Record<string, string>> = {
  'default-backend-service': 'load balancers answer 404 by themselves to what no rule matches',
  'enable-endpoint-slices': 'EndpointSlices are always used',
  'apiserver-host': 'the kubeconfig says where the API server is',
  profiling: 'no profiling endpoint is served',
  'update-status': 'the status is always written',
  'update-status-on-shutdown': 'load balancers outlive the controller, and so does the status',
  'publish-service': 'it has no meaning for load balancers outside the cluster',
  configmap: 'settings come from flags and annotations',
  'tcp-services-configmap': 'an Application Load Balancer carries HTTP only',
  'udp-services-configmap': 'an Application Load Balancer carries HTTP only',
  'health-check-path': 'health checks are set by annotations',
  'force-namespace-isolation': 'a backend is always in the namespace of its Ingress',
  'sort-backends': 'load balancers choose targets by themselves',
  'webhook-bind-port': 'no webhook is needed; the optional one listens on --pod-webhook-bind-addr',
  'ingress-max-concurrent-reconciles': 'the number of workers is fixed; AWS request rates are the limit',
};
