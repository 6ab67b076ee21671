// Where nemolint is. Nothing here knows VS Code.

import * as fs from "node:fs";
import * as path from "node:path";

/** What the search depends on. `folders` are those of the workspace, absolute, in order. */
export interface Surroundings {
  readonly folders: readonly string[];
  readonly home: string;
  readonly searchPath: string;
  readonly trusted: boolean;
  readonly windows: boolean;
}

export type Found =
  | { readonly executable: string; readonly folder: string | undefined }
  | { readonly problem: string };

/** The nemolint that a setting names (empty: that of a `.venv`, else of `PATH`), or why there is none. */
export function findExecutable(setting: string, around: Surroundings): Found {
  const name = around.windows ? "nemolint.exe" : "nemolint";
  const named = setting.trim();
  if (named !== "") {
    return findNamed(named, around);
  }
  let passedOver = false;
  for (const folder of around.folders) {
    const executable = path.join(folder, ".venv", around.windows ? "Scripts" : "bin", name);
    if (isExecutable(executable)) {
      if (around.trusted) {
        return { executable, folder };
      }
      passedOver = true;
    }
  }
  const executable = onPath(name, around);
  if (executable !== undefined) {
    return { executable, folder: around.folders[0] };
  }
  if (passedOver) {
    return {
      problem: "nemolint lies in this workspace, which is not trusted: trust the workspace, or install nemolint elsewhere.",
    };
  }
  return {
    problem:
      "nemolint is neither in the workspace's .venv nor in PATH: install it with `pip install 'nemolint[lsp]'`, " +
      "or set `nemolint.executablePath`.",
  };
}

function findNamed(setting: string, around: Surroundings): Found {
  const problem = (why: string): Found => ({ problem: `nemolint.executablePath: ${setting} ${why}.` });
  const bare = !setting.includes("/") && !(around.windows && setting.includes("\\")) && !setting.includes("$");
  if (bare) {
    const executable = onPath(setting, around) ?? (around.windows ? onPath(`${setting}.exe`, around) : undefined);
    return executable !== undefined ? { executable, folder: around.folders[0] } : problem("is not in PATH");
  }
  const relative = setting.includes("${workspaceFolder}") || !isAbsolute(withHome(setting, around));
  const folders: readonly (string | undefined)[] = relative ? around.folders : [around.folders[0]];
  if (folders.length === 0) {
    return problem("is relative to a workspace, and no folder is open");
  }
  let missing = "";
  for (const folder of folders) {
    const filled = withHome(setting, around).replaceAll("${workspaceFolder}", () => folder ?? "");
    if (/\$\{[^}]*\}/.test(filled)) {
      return problem("has an unknown variable: use ${workspaceFolder} or ${userHome}");
    }
    const executable = path.resolve(folder ?? around.home, filled);
    if (!isExecutable(executable)) {
      missing ||= executable;
    } else if (!around.trusted && isInside(executable, around.folders)) {
      return problem("lies in this workspace, which is not trusted: trust the workspace");
    } else {
      return { executable, folder };
    }
  }
  return problem(missing === setting ? "is not an executable file" : `(${missing}) is not an executable file`);
}

function withHome(setting: string, around: Surroundings): string {
  const whole = setting.replaceAll("${userHome}", () => around.home);
  return /^~(?=[/\\])/.test(whole) ? around.home + whole.slice(1) : whole;
}

function isAbsolute(filled: string): boolean {
  return path.isAbsolute(filled);
}

/** A program in `PATH`. Relative folders of it are never searched, those of an untrusted workspace neither. */
function onPath(name: string, around: Surroundings): string | undefined {
  for (const folder of around.searchPath.split(path.delimiter)) {
    const executable = path.join(folder, name);
    if (!path.isAbsolute(folder) || !isExecutable(executable)) {
      continue;
    }
    if (around.trusted || !isInside(executable, around.folders)) {
      return executable;
    }
  }
  return undefined;
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether a file, or what it is a link to, lies in one of the folders. */
function isInside(file: string, folders: readonly string[]): boolean {
  const names = [path.resolve(file), real(file)];
  return folders.some((folder) =>
    [path.resolve(folder), real(folder)].some((top) =>
      names.some((name) => {
        const inner = path.relative(top, name);
        return inner === "" || (inner !== ".." && !inner.startsWith(`..${path.sep}`) && !path.isAbsolute(inner));
      }),
    ),
  );
}

function real(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return path.resolve(file);
  }
}
