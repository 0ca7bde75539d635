/** What this program calls itself towards Kubernetes: the source of its Events, and its User-Agent. */
export const CONTROLLER_NAME = 'alb-ingress-controller';
