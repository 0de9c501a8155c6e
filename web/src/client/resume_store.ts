// What a page needs to come back as the same device after a reload: kept in memory while the page
// lives, written to sessionStorage when it goes away. A copied tab therefore finds nothing to
// resume and becomes a device of its own, instead of fighting the first one for its connection.

export interface ResumePoint {
  extension: string;
  token: string; // the resume token, not the login token
  position: number; // largest position handled
}

export interface ResumeStore {
  take(extension: string): ResumePoint | undefined;
  keep(point: ResumePoint | undefined): void;
}

export class MemoryResumeStore implements ResumeStore {
  protected point: ResumePoint | undefined;

  take(extension: string): ResumePoint | undefined {
    return this.point?.extension === extension ? this.point : undefined;
  }

  keep(point: ResumePoint | undefined): void {
    this.point = point;
  }
}

const KEY = "strowger.resume";

export class PageResumeStore extends MemoryResumeStore {
  constructor(
    page: Pick<Window, "addEventListener">,
    private readonly storage: Storage,
  ) {
    super();
    this.load();
    page.addEventListener("pagehide", () => this.save());
    page.addEventListener("pageshow", () => storage.removeItem(KEY));
  }

  private load(): void {
    const saved = this.storage.getItem(KEY);
    this.storage.removeItem(KEY);
    if (saved === null) return;
    try {
      this.point = JSON.parse(saved) as ResumePoint;
    } catch {
      // A damaged entry: start as a new device.
    }
  }

  private save(): void {
    if (this.point) this.storage.setItem(KEY, JSON.stringify(this.point));
  }
}
