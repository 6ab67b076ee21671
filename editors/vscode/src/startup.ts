// What the extension starts the server with. Nothing here knows VS Code, so that the tests start the server the same way.

import { type ChildProcess, spawn } from "node:child_process";

/** The languages, as VS Code names them, whose files can hold runs and start the extension. */
export const LANGUAGES = [
  "asciidoc",
  "csh",
  "dockercompose",
  "dockerfile",
  "fish",
  "github-actions-workflow",
  "groovy",
  "html",
  "ini",
  "json",
  "jsonc",
  "just",
  "makefile",
  "markdown",
  "mdx",
  "org",
  "python",
  "quarto",
  "r",
  "restructuredtext",
  "rmd",
  "shellscript",
  "snakemake",
  "terraform",
  "toml",
  "yaml",
] as const;

/** Languages of files that the server is told of once it runs: most of them hold nothing for it. */
export const MORE_LANGUAGES = ["plaintext"] as const;

export const SECTION = "nemolint";

/** Which texts the server is told of: files, and texts that were not saved yet. */
export function documentSelector(): { scheme: string; language: string }[] {
  return ["file", "untitled"].flatMap((scheme) =>
    [...LANGUAGES, ...MORE_LANGUAGES].map((language) => ({ scheme, language })),
  );
}

/** What the server is told at its start. It asks for its settings itself, and registers the files to watch. */
export function initializationOptions(): Record<string, unknown> {
  return {};
}

/** The words after the executable. */
export const ARGUMENTS: readonly string[] = ["lsp"];

/** Starts the server, without a shell, and with its streams for the protocol. */
export function startServer(executable: string, folder: string | undefined): ChildProcess {
  return spawn(executable, [...ARGUMENTS], { cwd: folder, stdio: "pipe", shell: false, windowsHide: true });
}

const MOST_KEPT = 4000; // characters
const PATIENCE = 20_000; // milliseconds
const UNUSABLE = 2; // the exit code of nemolint where it cannot do what it was asked for

/**
 * Why a nemolint cannot serve, in a sentence with what to do; undefined if it can.
 *
 * A server whose client is gone ends at once: so this starts one without a client.
 */
export function problemOf(executable: string, folder: string | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    let said = "";
    const server = startServer(executable, folder);
    const timer = setTimeout(() => server.kill(), PATIENCE);
    server.stderr?.on("data", (data: Buffer) => {
      said = (said + data.toString("utf8")).slice(-MOST_KEPT);
    });
    server.stdout?.resume();
    server.stdin?.on("error", () => undefined); // it may have ended before
    server.stdin?.end();
    server.once("error", (error) => {
      clearTimeout(timer);
      resolve(`${executable} cannot be started: ${error.message}.`);
    });
    server.once("close", (code) => {
      clearTimeout(timer);
      resolve(code === 0 || code === 1 || code === null ? undefined : explained(executable, code, said));
    });
  });
}

function explained(executable: string, code: number, said: string): string {
  const lines = said.split(/\r?\n/).filter((line) => line.trim() !== "");
  const own = lines.find((line) => line.startsWith("nemolint: "))?.slice("nemolint: ".length);
  if (code === UNUSABLE && own?.includes("nemolint[lsp]")) {
    return `${executable}: ${own}, in the environment of this nemolint.`;
  }
  if (code === UNUSABLE && own?.includes("`lsp` is neither a subcommand")) {
    return `${executable} is too old to serve editors: install a newer one with \`pip install --upgrade 'nemolint[lsp]'\`.`;
  }
  return `${executable} cannot be started: ${own ?? lines.at(-1) ?? `it ended with exit code ${code}`}`;
}

const MOST_RESTARTS = 3;
const PERIOD = 180_000; // milliseconds

/** Decides whether a server that ended unasked is started again. */
export class Restarts {
  private ready = false;
  private ends: number[] = [];

  /** A server is being started. */
  starting(): void {
    this.ready = false;
  }

  /** It has answered. */
  running(): void {
    this.ready = true;
  }

  /** A person asked for a start: earlier ends count no more. */
  forget(): void {
    this.ends = [];
  }

  /** What to do about a server that ended at `now` (milliseconds): one that never answered would not do so again. */
  after(now: number): "restart" | "give up" | "never ran" {
    if (!this.ready) {
      return "never ran";
    }
    this.ends = [...this.ends.filter((end) => now - end < PERIOD), now];
    return this.ends.length <= MOST_RESTARTS ? "restart" : "give up";
  }
}
