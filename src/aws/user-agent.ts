/** What the calls of this program are known by in CloudTrail, beside what the SDK says of itself. */
export const USER_AGENT = 'alb-ingress-controller';
