/** Memory of a process, in bytes. */
export interface Memory {
  /** The most that was resident at once so far: its own, and pages of files that it has mapped. */
  readonly resident: number;
  /** What is resident now and is no page of a file: the part that the system can't drop when it needs room. */
  readonly anonymous: number;
}

/** Reads Linux's `/proc/PID/status`; `undefined` where it has no figures, as that of a process that has ended. */
export function parseStatus(text: string): Memory | undefined {
  const figure = (name: string) => {
    const [, kibibytes] = new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(text) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  };
  const [resident, anonymous] = [figure('VmHWM'), figure('RssAnon')];
  return resident === undefined || anonymous === undefined ? undefined : { resident, anonymous };
}
