/** Ids of Availability Zones: `us-west-1a` is `usw1-az1`. */
export const zoneId = (region: string, zoneName: string): string => {
  const [area = '', direction = '', number = ''] = region.split('-');
  const short = direction.replace(/(north|south|east|west|central)/g, (word) => word.charAt(0));
  return `${area}${short}${number}-az${zoneName.charCodeAt(zoneName.length - 1) - 96}`;
};
