/** The processor time of this process, in milliseconds: unlike time on the wall it does not grow because others are busy. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
