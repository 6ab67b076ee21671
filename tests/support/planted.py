"""Secrets and their look-alikes in the places where a training or evaluation job keeps them.

In a text `@kind@` stands for a value of that kind, made at run time, so that no file holds what looks like a
credential. Each one in `SECRETS` is a secret at its very characters; none in `LOOKALIKES` is. `@a:kind@@b:kind@` are
the two halves of one value.
"""

from __future__ import annotations

import base64
import json
import random
import re
import string
from collections.abc import Callable, Mapping
from typing import NamedTuple

from support.containers import notebook
from support.credentials import github, jwt, random_body

_LOWER = string.ascii_lowercase
_HEX = "0123456789abcdef"
_ALNUM = string.ascii_letters + string.digits


def _hex(seed: str, length: int) -> str:
    return "".join(random.Random(seed).choices(_HEX, k=length))


def _base64(seed: str, size: int) -> str:
    return base64.b64encode(random.Random(seed).randbytes(size)).decode()


def _ngc(seed: str) -> str:
    digits = _hex(seed, 32)
    uuid = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return base64.b64encode(f"{random_body(seed, 26, _LOWER + '23456789')}:{uuid}".encode()).decode()


def _docker(seed: str) -> str:
    return base64.b64encode(f"$oauthtoken:{random_body(seed, 30)}".encode()).decode()


def _docker_config(seed: str) -> str:
    return base64.b64encode(json.dumps({"auths": {"nvcr.io": {"auth": _docker(seed)}}}).encode()).decode()


def _age(seed: str) -> str:
    return "AGE-SECRET" + "-KEY-1" + "".join(random.Random(seed).choices("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", k=58))


def _pem(seed: str) -> str:
    lines = "\n".join(random_body(f"{seed}{line}", 64) for line in range(3))
    return f"-----BEGIN PRIVATE{' '}KEY-----\n{lines}\n-----END PRIVATE{' '}KEY-----"


# What a value looks like, and how many of its first characters say only of which kind it is.
KINDS: Mapping[str, Callable[[str], str]] = {
    "plain": lambda seed: random_body(seed, 26),
    "short": lambda seed: random_body(seed, 12),
    "nvidia": lambda seed: "nvapi" + "-" + random_body(seed, 64),
    "ngc": _ngc,
    "hf": lambda seed: "hf" + "_" + random_body(seed, 34, string.ascii_letters),
    "hex32": lambda seed: _hex(seed, 32),
    "hex40": lambda seed: _hex(seed, 40),
    "wandb": lambda seed: "wandb" + "_v1_" + random_body(seed, 77),
    "openai": lambda seed: "sk" + "-proj-" + random_body(seed, 60),
    "deepseek": lambda seed: "sk" + "-" + _hex(seed, 32),
    "openrouter": lambda seed: "sk" + "-or-v1-" + _hex(seed, 64),
    "anthropic": lambda seed: "sk" + "-ant-api03-" + random_body(seed, 93) + "AA",
    "groq": lambda seed: "gsk" + "_" + random_body(seed, 52),
    "xai": lambda seed: "xai" + "-" + random_body(seed, 80),
    "perplexity": lambda seed: "pplx" + "-" + random_body(seed, 48),
    "langsmith": lambda seed: "lsv2" + "_pt_" + _hex(seed, 32) + "_" + _hex(f"{seed}b", 10),
    "dockerhub": lambda seed: "dckr" + "_pat_" + random_body(seed, 27),
    "together": lambda seed: "tgp" + "_v1_" + random_body(seed, 43),
    "azure": lambda seed: random_body(seed, 52) + "JQQJ" + "99BJ" + random_body(f"{seed}b", 24),
    "storage": lambda seed: _base64(seed, 64),
    "sas": lambda seed: _base64(seed, 32).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
    "age": _age,
    "artifactory": lambda seed: "AKC" + "p8" + random_body(seed, 68),
    "glpat": lambda seed: "glpat" + "-" + random_body(seed, 20),
    "glrt": lambda seed: "glrt" + "-" + random_body(seed, 20),
    "gldt": lambda seed: "gldt" + "-" + random_body(seed, 20),
    "github": lambda seed: github(body=random_body(seed, 30)),
    "slack": lambda seed: "xox" + "b-" + random_body(seed, 40),
    "webhook": lambda seed: (
        "T"
        + random_body(seed, 9).upper()
        + "/B"
        + random_body(f"{seed}b", 9).upper()
        + "/"
        + random_body(f"{seed}c", 24)
    ),
    "jwt": lambda seed: jwt(random_body(f"{seed}p", 20), random_body(seed, 43)),
    "aws": lambda seed: "AK" + "IA" + random_body(seed, 16, string.ascii_uppercase + "234567").upper(),
    "aws-secret": lambda seed: _base64(seed, 30),
    "google": lambda seed: "AI" + "za" + random_body(seed, 35),
    "docker": _docker,
    "docker-config": _docker_config,
    "basic": lambda seed: base64.b64encode(f"me:{random_body(seed, 18)}".encode()).decode(),
    "b64": lambda seed: base64.b64encode(random_body(seed, 24).encode()).decode(),
    "pem": _pem,
    # Of look-alikes.
    "b64-placeholder": lambda seed: base64.b64encode(b"your-api-key-here").decode(),
    "b64-user": lambda seed: base64.b64encode(b"user:password").decode(),
    "sealed": lambda seed: "Ag" + _base64(seed, 150),
    "fingerprint": lambda seed: _hex(seed, 40).upper(),
    "uuid": lambda seed: "-".join(_hex(f"{seed}{n}", size) for n, size in enumerate((8, 4, 4, 4, 12))),
    "digest": lambda seed: _hex(seed, 64),
    "fingerprint-ssh": lambda seed: _base64(seed, 32)[:43],
    "encrypted": lambda seed: (
        f"ENC[AES256_GCM,data:{_base64(seed, 30)},iv:{_base64(seed, 32)},tag:{_base64(seed, 16)},type:str]"
    ),
}
_MARK = re.compile(r"@(?:(?P<half>[ab]):)?(?P<kind>[a-z][a-z0-9\-]*)@")


class Planted(NamedTuple):
    """A file that holds secrets, `places` saying where; none of them in a look-alike."""

    name: str
    path: str
    text: str
    places: tuple[tuple[int, int], ...]
    values: tuple[str, ...]


def plant(name: str, path: str, form: str) -> Planted:
    """The text of a form, with values of its own."""
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    values: list[str] = []
    at = size = 0
    for number, match in enumerate(_MARK.finditer(form)):
        half = match["half"]
        value = KINDS[match["kind"]](f"{name} {number - (half == 'b')}")
        written = value if half is None else value[: len(value) // 2] if half == "a" else value[len(value) // 2 :]
        parts += (form[at : match.start()], written)
        size += match.start() - at
        if half == "b":
            places[-1] = (places[-1][0], size + len(written))
        else:
            places.append((size, size + len(written)))
            values.append(value)
        size += len(written)
        at = match.end()
    return Planted(name, path, "".join((*parts, form[at:])), tuple(places), tuple(values))


# One a line or a few: path and form. The form of a notebook is the source of its one cell.
_SECRETS: tuple[tuple[str, str], ...] = (
    # Formats, wherever they stand, and right behind `=`, `:` and quotes.
    ("a.sh", "helm install nim nim.tgz --set ngc.apikey=@ngc@ --set x=@ngc@\n"),
    ("a.sh", "curl https://h.example/v2?apikey=@ngc@\n"),
    ("a.sh", "ngc config set apikey:@ngc@ 'k=@ngc@'\n"),
    ("a.sh", "export GROQ=@groq@\n# @xai@\nrun --k=@perplexity@\n"),
    ("a.sh", "run --x=@openrouter@ y:@langsmith@\n"),
    ("a.sh", "echo @dockerhub@ | tee x\n"),
    ("a.sh", "K=@together@ run @gldt@\n"),
    ("a.sh", "gitlab-runner register --x @glrt@\n"),
    ("a.sh", "curl -X POST https://hooks.slack.com/services/@webhook@\n"),
    ("a.sh", "azcopy copy 'https://a.blob.core.windows.net/c?sv=2022-11-02&ss=b&sig=@sas@' .\n"),
    ("a.sh", "C='DefaultEndpointsProtocol=https;AccountName=a;AccountKey=@storage@;EndpointSuffix=core.windows.net'\n"),
    ("a.sh", "A=@azure@ B=@age@\n"),
    ("a.sh", "pip install --index-url https://h.example/a -c x=@artifactory@\n"),
    ("a.sh", "X=@deepseek@\n"),
    ("a.md", 'Use `@groq@`, (@xai@) and "@perplexity@" here.\n'),
    ("a.md", "| service | key |\n|---|---|\n| OpenRouter | @openrouter@ |\n| LangSmith | `@langsmith@` |\n"),
    ("a.md", "<!-- @dockerhub@ and @together@ -->\n"),
    ("a.yaml", "a: @azure@\nb: [@gldt@, @glrt@]\n# @age@\n"),
    ("a.yaml", "url: https://hooks.slack.com/services/@webhook@\nkey: @artifactory@\n"),
    ("a.yaml", 'connection: "AccountName=a;AccountKey=@storage@;X=y"\n'),
    ("env.toml", '[gpu]\nexecutor = "local"\nx = "@groq@"\ny = ["@xai@"]\n'),
    ("a.json", '{"a": "@perplexity@", "b": ["@together@", "x=@ngc@"]}\n'),
    ("a.py", 'X = \'@langsmith@\'\nY = """\n@openrouter@\n"""\n'),
    ("a.ipynb", "x = '@groq@'\ny = \"@dockerhub@\"\n"),
    ("a.rst", "Title\n=====\n\nSee ``@azure@`` and @age@.\n"),
    ("a.txt", "key=@artifactory@\n"),
    ("Dockerfile", "FROM a\nENV X=@together@ Y=@ngc@\n"),
    ("Makefile", "X := @groq@\nall:\n\trun k=@ngc@\n"),
    ("justfile", "x := '@xai@'\n"),
    # W&B.
    ("env.toml", '[wandb]\nproject = "p"\nentity = "e"\napi_key = "@hex40@"\n\n[gpu]\nexecutor = "local"\n'),
    ("env.toml", "[wandb]\napi_key = '@hex40@'\n"),
    ("a.yaml", "wandb:\n  project: p\n  mode: online\n  api_key: @hex40@\n"),
    ("a.sh", 'cat >> env.toml <<EOF\n[wandb]\nproject = "p"\napi_key = "@hex40@"\nEOF\n'),
    ("a.sh", "wandb login --host https://wandb.example.com @hex40@\n"),
    ("a.sh", "cat > ~/.netrc <<'EOF'\nmachine api.wandb.ai\n  login user\n  password @hex40@\nEOF\n"),
    ("a.py", "import wandb\nwandb.login(\n    host='https://h',\n    key='@hex40@',\n)\n"),
    ("a.ipynb", '%env WANDB_API_KEY=@hex40@\nwandb.login(key="@hex40@")\n'),
    # netrc.
    ("a.sh", "cat <<EOF > $HOME/.netrc\nmachine nvcr.io\n  login $oauthtoken\n  password @plain@\nEOF\n"),
    ("a.sh", "printf 'machine h.example\\n  login me\\n  password @plain@\\n' >> ~/.netrc\n"),
    ("a.sh", 'echo "machine h.example login me password @plain@" > ~/.netrc\n'),
    ("a.md", "```text\nmachine h.example\n  login me\n  password @plain@\n```\n"),
    ("a.md", "```\n# ~/.netrc\nmachine h.example login me\npassword @plain@\n```\n"),
    ("a.yaml", "run: |\n  cat > ~/.netrc <<EOF\n  machine h.example\n    login me\n    password @plain@\n  EOF\n"),
    ("a.ipynb", "%%bash\ncat > ~/.netrc <<EOF\nmachine h.example\nlogin me\npassword @plain@\nEOF\n"),
    ("a.ipynb", "%%writefile .netrc\nmachine h.example\n  login me\n  password @plain@\n"),
    # Configuration in here-documents.
    ("a.sh", 'cat > env.toml <<\'EOF\'\n[gpu]\nexecutor = "slurm"\nenv_vars = {HF_TOKEN = "@plain@"}\nEOF\n'),
    ("a.sh", "cat > .env <<EOF\nHF_TOKEN=@plain@\nexport NVIDIA_API_KEY='@plain@'\nDB_PASSWORD=\"@short@\"\nEOF\n"),
    ("a.sh", "cat <<-'END' > config/x.yaml\n\tserver:\n\t  api_key: @plain@\n\t  token: \"@plain@\"\n\tEND\n"),
    ("a.sh", 'tee config.json >/dev/null <<EOF\n{"server": {"api_key": "@plain@"}}\nEOF\n'),
    ("a.sh", "cat > rclone.conf <<EOF\n[s3]\ntype = s3\naccess_key_id = minio\nsecret_access_key = @plain@\nEOF\n"),
    ("a.sh", "cat > ~/.config/rclone/rclone.conf <<EOF\n[box]\ntype = sftp\nuser = me\npass = @plain@\nEOF\n"),
    (
        "a.sh",
        "kubectl apply -f - <<EOF\napiVersion: v1\nkind: Secret\nmetadata:\n  name: hf\nstringData:\n  HF_TOKEN: @plain@\nEOF\n",
    ),
    ("a.sh", 'kubectl apply -f - <<EOF\nspec:\n  env:\n  - name: NGC_API_KEY\n    value: "@plain@"\nEOF\n'),
    ("a.sh", "ssh h 'cat > .env' <<EOF\nNGC_API_KEY=@plain@\nEOF\n"),
    ("a.sh", "python3 - <<'PY'\nfrom x import y\ny(api_key=\"@plain@\")\nPY\n"),
    ("a.md", "```bash\ncat > env.toml <<'EOF'\n[cli]\napi_key = \"@plain@\"\nEOF\n```\n"),
    ("a.md", "> - a\n>\n>   ```bash\n>   cat > .env <<EOF\n>   HF_TOKEN=@plain@\n>   EOF\n>   ```\n"),
    (
        "a.yaml",
        "jobs:\n  a:\n    steps:\n    - run: |\n        cat > .env <<EOF\n        HF_TOKEN=@plain@\n        EOF\n",
    ),
    ("Dockerfile", "FROM a\nCOPY <<EOF /root/.env\nHF_TOKEN=@plain@\nEOF\n"),
    ("a.ipynb", "%%bash\ncat > .env <<EOF\nHF_TOKEN=@plain@\nEOF\n"),
    ("a.ipynb", "%%writefile config.yaml\nserver:\n  api_key: @plain@\n"),
    ("a.ipynb", "%%writefile .env\nHF_TOKEN=@plain@\n"),
    ("a.sh", "echo 'api_key: @plain@' > config.yaml\n"),
    ("a.sh", 'echo \'{"api_key": "@plain@"}\' > config.json\n'),
    ("a.sh", "printf '[cli]\\napi_key = \"@plain@\"\\n' > env.toml\n"),
    # Python.
    ("a.py", 'client = OpenAI(base_url=u, api_key="@plain@")\n'),
    ("a.py", "client = OpenAI(\n    api_key = '@plain@',\n)\n"),
    ("a.py", 'login(token=f"@plain@", x=1)\n'),
    ("a.py", "X = {\"api_key\": \"@plain@\", 'password': '@short@'}\n"),
    ("a.py", 'API_KEY = "@plain@"\nHF_TOKEN: str = \'@plain@\'\nself.api_key: Final[str] = b"@plain@"\n'),
    (
        "a.py",
        "@dataclass\nclass C:\n    url: str = 'x'\n    api_key: str | None = \"@plain@\"\n    token: str = field(default='@plain@')\n",
    ),
    (
        "a.py",
        'class C(BaseModel):\n    api_key: SecretStr = Field(default=SecretStr("@plain@"))\n    password: str = Field("@short@", x=1)\n',
    ),
    ("a.py", "import os\nos.environ['HF_TOKEN'] = '@plain@'\nos.environ.setdefault(\"NGC_API_KEY\", \"@plain@\")\n"),
    ("a.py", 'import os\nos.environ.update({"HF_TOKEN": "@plain@"})\nos.environ.update(HF_TOKEN=\'@plain@\')\n'),
    ("a.py", "import os\nk = os.environ.get(\"HF_TOKEN\", \"@plain@\")\nk = os.getenv('HF_TOKEN', '@plain@')\n"),
    ("a.py", "import os\nos.putenv('HF_TOKEN', '@plain@')\nmonkeypatch.setenv(\"HF_TOKEN\", \"@plain@\")\n"),
    ("a.py", 'requests.get(u, auth=("me", "@plain@"))\nx(auth=HTTPBasicAuth(user, \'@short@\'))\n'),
    ("a.py", "H = {\"Authorization\": \"Bearer @plain@\"}\nH['X-API-Key'] = '@plain@'\n"),
    ("a.py", "r.headers[\"Authorization\"] = f'Bearer @plain@'\ncurl(['-H', 'Authorization: Bearer @plain@'])\n"),
    ("a.py", 'call(["x", "--api-key", "@plain@", \'--token=@plain@\'])\n'),
    ("a.py", "def f(url, api_key=\"@plain@\", token: str = '@plain@'): ...\n"),
    ("a.py", 'p.add_argument("--api-key", type=str, default="@plain@")\n'),
    ("a.py", 'NVIDIA_API_KEY = "@a:nvidia@" "@b:nvidia@"\n'),
    ("a.py", "x = (\n    '@a:hf@'\n    '@b:hf@'\n)\n"),
    ("a.py", 'x = "@a:openai@" + "@b:openai@"\n'),
    ("a.py", 'f(api_key="@a:plain@" + \'@b:plain@\')\nAPI_KEY = ("@a:plain@"\n  "@b:plain@")\n'),
    ("a.py", "os.system(\"curl -H 'Authorization: Bearer @plain@' h\")\n"),
    ("a.py", "U = 'https://h.example/v1?api_key=@plain@&n=1'\n"),
    ("a.py", 'c = C(api_key=SecretStr(\'@plain@\'))\nc.set("api_key", "@plain@")\n'),
    ("a.ipynb", 'client = OpenAI(base_url="u", api_key="@plain@")\n'),
    ("a.ipynb", "import os\nos.environ[\"HF_TOKEN\"] = \"@plain@\"\nos.environ.setdefault('K_TOKEN', '@plain@')\n"),
    ("a.ipynb", 'API_KEY = \'@plain@\'\nHEADERS = {"Authorization": "Bearer @plain@"}\n'),
    ("a.ipynb", "%set_env HF_TOKEN=@plain@\n%env NGC_API_KEY @plain@\n"),
    ("a.ipynb", "!export HF_TOKEN=@plain@\n!hf auth login --token @plain@\n"),
    ("a.ipynb", 'x = ("@a:nvidia@"\n     "@b:nvidia@")\n'),
    ("a.md", '```python\nclient = OpenAI(api_key="@plain@")\n```\n'),
    (
        "a.md",
        "1. a\n\n   ```py\n   os.environ[\"HF_TOKEN\"] = '@plain@'\n   requests.get(u, auth=('me', '@plain@'))\n   ```\n",
    ),
    ("a.md", "```python\n>>> login(token=\"@plain@\")\n>>> x = {'api_key': '@plain@'}\n```\n"),
    ("a.md", '~~~{code-block} python\nAPI_KEY = "@plain@"\n~~~\n'),
    ("a.rst", '.. code-block:: python\n   :linenos:\n\n   client = OpenAI(api_key="@plain@")\n'),
    ("a.rst", "Say::\n\n    API_KEY = '@plain@'\n"),
    # Documents.
    ("a.md", "Set `HF_TOKEN=@plain@` or `api_key=@plain@` or `--api-key @plain@`.\n"),
    ("a.md", "Send `Authorization: Bearer @plain@`, ``token: @plain@``.\n"),
    ("a.md", "| a | b |\n|---|---|\n| `NGC_API_KEY=@plain@` | x |\n"),
    ("a.md", "```text\nNGC_API_KEY=@plain@\napi_key: @plain@\n```\n"),
    ("a.md", '```txt\n{"api_key": "@plain@"}\n```\n'),
    ("a.md", "---\ntitle: x\napi_key: @plain@\nhf_token: '@plain@'\n---\n\n# A\n"),
    ("a.md", "+++\ntitle = 'x'\napi_key = \"@plain@\"\n+++\n\n# A\n"),
    ("a.md", "```{code-block} yaml\n:caption: a\napi_key: @plain@\n```\n"),
    ("a.md", "```ini\n[default]\naws_secret_access_key = @plain@\n```\n"),
    ("a.md", "```\napi_key: @plain@\n```\n"),
    ("a.md", "```http\nPOST /v1 HTTP/1.1\nAuthorization: Bearer @plain@\n```\n"),
    ("a.md", '```powershell\n$env:HF_TOKEN = "@plain@"\nsetx NGC_API_KEY @plain@\n```\n'),
    ("a.md", "```cmd\nset HF_TOKEN=@plain@\n```\n"),
    ("a.md", "```fish\nset -gx HF_TOKEN @plain@\n```\n"),
    ("a.md", "```csh\nsetenv HF_TOKEN @plain@\n```\n"),
    ("a.md", '```javascript\nconst c = new OpenAI({ apiKey: "@plain@" });\n```\n'),
    ("a.rst", ".. code-block:: yaml\n\n   server:\n     api_key: @plain@\n"),
    ("a.rst", '.. code:: toml\n\n   api_key = "@plain@"\n\nUse ``HF_TOKEN=@plain@``.\n'),
    # YAML, TOML, JSON.
    ("a.yaml", "args: [--api-key, @plain@, --x, y]\n"),
    ("a.yaml", "args:\n  - --api-key\n  - @plain@\n  - --token=@plain@\n"),
    ("a.yaml", 'command: ["x", "--api-key=@plain@", "--password", "@short@"]\n'),
    ("a.yaml", "env:\n  - name: HF_TOKEN\n    value: >-\n      @plain@\n"),
    ("a.yaml", "api_key: '@plain@' # why\nheaders: {Authorization: Bearer @plain@}\n"),
    ("a.yaml", 'headers:\n  - "Authorization: Bearer @plain@"\n'),
    ("a.yaml", "apiVersion: v1\nkind: Secret\ndata:\n  HF_TOKEN: @b64@\n"),
    ("a.yaml", "kind: Secret\ndata:\n  .dockerconfigjson: @docker-config@\n"),
    ("a.yaml", "api_key: ${oc.env:X,@plain@}\nb: ${oc.env:HF_TOKEN, '@plain@'}\n"),
    ("a.json", '{"auths": {"nvcr.io": {"auth": "@docker@"}}}\n'),
    ("a.sh", 'cat > ~/.docker/config.json <<EOF\n{"auths": {"nvcr.io": {"auth": "@docker@"}}}\nEOF\n'),
    ("a.md", '```json\n{"auths": {"h.example": {"auth": "@basic@"}}}\n```\n'),
    ("a.sh", "curl -H 'Authorization: Basic @basic@' h\n"),
    (
        "a.json",
        '{"mcpServers": {"x": {"command": "npx", "args": ["--api-key", "@plain@"], "env": {"HF_TOKEN": "@plain@"}}}}\n',
    ),
    ("env.toml", '[gpu]\nexecutor = "local"\ncontainer_args = ["HF_TOKEN=@plain@"]\nclient_secret = """@plain@"""\n'),
    ("kaggle.json", '{"username":"me","key":"@hex32@"}\n'),
    ("a.sh", 'echo \'{"username":"me","key":"@hex32@"}\' > ~/.kaggle/kaggle.json\n'),
    ("a.ipynb", '!echo \'{"username": "me", "key": "@hex32@"}\' > ~/.kaggle/kaggle.json\n'),
    ("a.sh", "export KAGGLE_KEY=@hex32@\n"),
    # Commands that take a secret.
    ("a.sh", "mc alias set store https://s3.example.com me @plain@\n"),
    ("a.sh", "mc config host add store https://s3.example.com me @plain@ --api S3v4\n"),
    ("a.sh", "lep login -c ws1234:@plain@\n"),
    ("a.sh", "lep login --credentials ws1234:@plain@\n"),
    ("a.sh", "lep secret create -n HF_TOKEN -v @plain@\n"),
    ("a.sh", "lep secret create --name A --value=@plain@ -n B -v @plain@\n"),
    ("a.sh", "gh secret set HF_TOKEN --body @plain@\n"),
    ("a.sh", 'gh secret set HF_TOKEN -b"@plain@" -R a/b\n'),
    ("a.sh", "gcloud secrets create x --data-file=- <<< @plain@\n"),
    ("a.sh", "aws secretsmanager create-secret --name x --secret-string @plain@\n"),
    ("a.sh", "az keyvault secret set --name x --value @plain@\n"),
    ("a.sh", "echo @plain@ | sudo -S apt install x\n"),
    ("a.sh", "echo '@short@' | sudo -S -p '' ls\nsudo -S ls <<< '@short@'\n"),
    ("a.sh", "echo \"@plain@\" | docker login nvcr.io -u '$oauthtoken' --password-stdin\n"),
    ("a.sh", "printf '%s' @plain@ | gh auth login --with-token\ngh secret set X <<< @plain@\n"),
    ("a.sh", "kubectl create secret generic x --from-literal=HF_TOKEN=@plain@\n"),
    ("a.sh", "kubectl create secret docker-registry x --docker-password=@plain@ --docker-username='$oauthtoken'\n"),
    ("a.sh", "kubectl create secret generic x --from-literal token=@plain@\n"),
    ("a.sh", "skopeo copy --src-creds me:@plain@ docker://a docker://b\n"),
    ("a.sh", "set HF_TOKEN=@plain@\nsetenv NGC_API_KEY @plain@\n"),
    ("a.sh", "set -gx HF_TOKEN @plain@\nset -x NGC_API_KEY '@plain@'\n"),
    ("a.sh", "sky launch --secret HF_TOKEN=@plain@ x.yaml\n"),
    ("a.sh", "sudo docker run -e HF_TOKEN=@plain@ image\n"),
    ("a.sh", "apptainer exec --env HF_TOKEN=@plain@ x.sif run\n"),
    ("a.sh", "rclone config create r s3 secret_access_key=@plain@\n"),
    ("a.sh", "rclone config create r s3 provider X secret_access_key @plain@\n"),
    ("a.sh", "python -c 'f(api_key=\"@plain@\")'\n"),
    ("justfile", "export HF_TOKEN := '@plain@'\nngc_api_key := \"@plain@\"\n"),
    ("Dockerfile", 'FROM a\nENV A=1 \\\n    HF_TOKEN=@plain@ \\\n    B=2\nCMD ["x", "--api-key", "@plain@"]\n'),
    (
        "a.sh",
        "RUN='nemotron steps run' ; nemotron steps run eval/model_eval 'target.api_endpoint={url: x, api_key: @plain@}'\n",
    ),
    ("a.sh", "nemotron steps run translate/nemo_curator server.api_key_env=@nvidia@\n"),
)

_LOOKALIKES: tuple[tuple[str, str], ...] = (
    # Names of secrets that launchers and clusters look up.
    ("a.sh", "lep job create -n x --secret HF_TOKEN=my-hf-token --secret=NGC_API_KEY=ngc-key-7b2\n"),
    ("a.sh", "x submit --env-secret HF_TOKEN=hf-read-2024q3 --env-secret WANDB_API_KEY=team1.wandb-key\n"),
    ("a.sh", "gcloud run deploy x --set-secrets=HF_TOKEN=hf-token-v2:latest --update-secrets API_KEY=k7x2-api:3\n"),
    ("a.sh", "docker build --secret id=hf_token,env=HF_TOKEN --secret id=key,src=./k.txt .\n"),
    ("a.sh", "helm install x y --set imagePullSecretName=ngc-r7x2 --set secretName=hf-2024q3-ro\n"),
    ("a.sh", "export SECRET_NAME=hf-2024q3-ro IMAGE_PULL_SECRET_NAME=ngc-r7x2\n"),
    ("a.sh", "kubectl create secret generic hf-2024q3-ro --from-file=token=./token.txt\n"),
    ("a.sh", "nemotron steps run sft/automodel run.env.secret_name=hf-2024q3-ro\n"),
    ("a.yaml", "secretName: hf-2024q3-ro\nimagePullSecretName: ngc-r7x2\nimagePullSecret: ngc-r7x2\n"),
    ("a.yaml", "existingSecret: db-7x2-creds\nauthSecret: ngc-api-7x2\npullSecret: reg-k7q2\ntlsSecret: tls-k7q2-x\n"),
    ("a.yaml", "hfTokenSecret: hf-2024q3-ro\nngcAPISecret: ngc-r7x2\nngcImagePullSecret: ngc-r7x2-b\n"),
    ("a.yaml", "env:\n- name: HF_TOKEN\n  valueFrom:\n    secretKeyRef:\n      name: hf-2024q3-ro\n      key: token\n"),
    ("a.yaml", "secretKeyRef: {name: hf-2024q3-ro, key: hf_token}\nsecretRef:\n  name: x-7q2-creds\n"),
    ("a.yaml", "secrets:\n  HF_TOKEN: hf-2024q3-ro\n  - hf-2024q3-ro\n"),
    ("a.yaml", "passwordSecretName: db-7x2-creds\ntoken_secret_name: hf-2024q3-ro\n"),
    (
        "env.toml",
        '[gpu]\nexecutor = "lepton"\nsecret_vars = [{HF_TOKEN = "hf-read"}]\nimage_pull_secrets = ["ngc-r7x2"]\n',
    ),
    # What is encrypted, or says what was.
    ("a.yaml", 'api_key: @encrypted@\ndb_password: "@encrypted@"\n'),
    (
        "a.yaml",
        "kind: SealedSecret\nspec:\n  encryptedData:\n    HF_TOKEN: @sealed@\n    api_key: @sealed@\n  template: {}\n",
    ),
    ("a.json", '{"kind": "SealedSecret", "spec": {"encryptedData": {"HF_TOKEN": "@sealed@"}}}\n'),
    ("a.json", '{"api_key": "@encrypted@"}\n'),
    ("a.sh", "HF_TOKEN='@encrypted@'\n"),
    ("a.yaml", "data:\n  HF_TOKEN: @b64-placeholder@\n  api_key: @b64-placeholder@\n"),
    ("a.json", '{"auths": {"h.example": {"auth": "@b64-user@"}}}\n'),
    ("a.sh", "curl -H 'Authorization: Basic @b64-user@' h\n"),
    ("a.yaml", "password: $ANSIBLE_VAULT;1.1;AES256\napi_key: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6132\n"),
    ("Dockerfile", "FROM a\nENV GPG_KEY @fingerprint@\nENV GPG_KEY=@fingerprint@\n"),
    ("a.sh", "export GPG_KEY=@fingerprint@ SIGNING_KEY=@fingerprint@\ngpg --recv-keys @fingerprint@\n"),
    ("a.sh", "KEY_FINGERPRINT=SHA256:@fingerprint-ssh@\nHOST_KEY=SHA256:@fingerprint-ssh@\n"),
    ("a.yaml", "gpg_key: @fingerprint@\nPGP_KEY: '0x@fingerprint@'\nsigning_key: @fingerprint@\n"),
    # Just, make, templates.
    (
        "justfile",
        "hf_token := env_var('HF_TOKEN')\napi_key := env(\"NGC_API_KEY\")\nx_token := env_var_or_default('X_TOKEN', '')\n",
    ),
    ("Makefile", "HF_TOKEN ?= $(shell cat ~/.hf)\nAPI_KEY := $(call get,key-7x2)\n"),
    ("a.yaml", "api_key: {{ vault_api_key }}\ntoken: <% tp.token %>\npassword: __PASSWORD_7__\nsecret: @@SECRET7@@\n"),
    (
        "a.yaml",
        "api_key: !secret hf_2024\ntoken: op://v/hf-2024/token\npassword: ref+vault://kv/x7#p\nx_token: vault:secret/data/hf#t0ken\n",
    ),
    ("a.tf.json", '{"token": "${data.x.y.secret7}"}\n'),
    ("a.yaml", "token: ${{ secrets.HF_TOKEN }}\npassword: $(PASSWORD)\napi_key: %API_KEY%\nsecret: ((my-secret7))\n"),
    ("a.yaml", "token: << pipeline.parameters.t7 >>\npassword: $[[ inputs.pw ]]\n"),
    # Placeholders.
    ("a.sh", "export API_KEY=test-key NVIDIA_API_KEY=nvidiaapikey OPENAI_API_KEY=local-no-key HF_TOKEN=hf_token\n"),
    ("a.sh", "export NVIDIA_API_KEY=nvapi-* NGC_API_KEY=nvapi-XXXX OPENAI_API_KEY=sk-no-key-required\n"),
    ("a.sh", "export MINIO_SECRET_KEY=minioadmin MINIO_ROOT_PASSWORD=minioadmin DB_PASSWORD=changeme123\n"),
    ("a.sh", "export API_KEY=vllm-no-key OPENAI_API_KEY=sk-test-key API_TOKEN=fake-token-1 X_TOKEN=dummy_token\n"),
    ("a.sh", "mc alias set local http://localhost:9000 minioadmin minioadmin\n"),
    (
        "a.sh",
        'echo changeme | sudo -S ls\necho "$PW" | sudo -S ls\nlep login -c ws:$TOKEN\nlep login -c <workspace>:<token>\n',
    ),
    ("a.sh", 'gh secret set X --body "$X"\nlep secret create -n X -v "$X" -n Y -v <value>\ngh secret set X < f\n'),
    ("a.sh", "export API_KEY=dein-api-schluessel HF_TOKEN=votre-jeton PASSWORD=tu-clave-aqui X_TOKEN=seu_token_aqui\n"),
    ("a.sh", "export API_KEY=你的API密钥 HF_TOKEN=ваш_токен NGC_API_KEY=あなたのキー X_API_KEY=여기에-키-입력\n"),
    ("a.yaml", "api_key: 'il-tuo-token'\ntoken: \"ваш ключ\"\npassword: mot-de-passe-ici\nsecret: twoj-klucz\n"),
    ("a.yaml", "api_key: <your key>\ntoken: YOUR_TOKEN_7\npassword: ****\nsecret: xxxxx-xxxxx\nx_token: hf_...\n"),
    ("a.yaml", "api_key: sk-1234\ntoken: abc123\npassword: secret\napi_secret: my-secret\n"),
    ("a.yaml", "api_key: no-key\nx_api_key: EMPTY\ny_api_key: none-needed\nz_api_key: local-no-key\n"),
    ("a.yaml", "api_key: nvapi-<your-key>\nb_api_key: nvapi-{KEY}\nc_api_key: nvapi-****\nd_api_key: NVAPI_KEY_HERE\n"),
    ("a.json", '{"api_key": "test-api-key", "token": "test_token_1", "password": "example-pw-1"}\n'),
    ("a.json", '{"username": "me", "key": "your-key"}\n'),
    ("a.json", '{"username": "me", "id": "@hex32@"}\n'),
    ("a.md", "Set `HF_TOKEN=hf_...`, `api_key=...`, `--api-key KEY`, `token: TOKEN`.\n"),
    (
        "a.md",
        'Use `api_key=os.environ["X"]`, `hf_token=args.hf_token`, `token=get_token()`, `api_key=cfg.key7.value`.\n',
    ),
    ("a.md", '`Authorization: Bearer <token>`, `Authorization: Bearer $TOKEN`, `--token "$T"`.\n'),
    ("a.md", "The api_key: @plain@ of prose is not judged.\n"),
    ("a.md", "```text\nToken: valid\nsecret: none\nPassword: ********\napi_key: ***\n```\n"),
    ("a.md", "```text\ntokens: 4096\nmax_tokens=8192\ntoken: 151643\neos_token: <|im_end|>\n```\n"),
    ("a.md", "```\nloading token @hex40@ ...\n```\n"),
    ("a.md", "---\ntitle: API keys\ntoken: none\npassword: false\n---\n\nText\n"),
    ("a.md", "```text\nmachine api.wandb.ai\n  login user\n  password <key>\n```\n"),
    ("a.sh", "cat > ~/.netrc <<EOF\nmachine api.wandb.ai\n  login user\n  password ${WANDB_API_KEY}\nEOF\n"),
    ("a.sh", "cat > .env <<EOF\nHF_TOKEN=$HF_TOKEN\nNGC_API_KEY=${NGC_API_KEY:-}\nDB_PASSWORD=$(cat pw)\nEOF\n"),
    (
        "a.sh",
        "cat > x.yaml <<EOF\nserver:\n  api_key_env: NVIDIA_API_KEY\n  token: ${HF_TOKEN}\n  max_tokens: 4096\nEOF\n",
    ),
    ("a.sh", "cat > env.toml <<'EOF'\n[gpu]\nenv_vars = {HF_TOKEN = \"${oc.env:HF_TOKEN}\"}\nEOF\n"),
    ("a.sh", "cat > x.py <<'EOF'\nf(api_key=os.environ['X'], token=args.token, password=getpass())\nEOF\n"),
    ("a.sh", "cat <<EOF\nUsage: x --token TOKEN --api-key=KEY [--password PASSWORD]\nEOF\n"),
    # Python.
    ("a.py", 'f(hf_token=args.hf_token, api_key=config["api_key"], token=get_token("prod-7x2"))\n'),
    (
        "a.py",
        'api_key = os.environ["NVIDIA_API_KEY_2"]\ntoken = os.getenv(\'HF_TOKEN\')\nk_token = os.environ.get("HF_TOKEN", "")\n',
    ),
    ("a.py", 'password = getpass("Password for x7: ")\ntoken = input(\'Token 7: \')\nf(token=tokens["a7"])\n'),
    ("a.py", 'X = {"token": "hello", "api_key": "", "token_type": "bearer7x2", "eos_token": "<|endoftext|>"}\n'),
    ("a.py", 'pad_token = "[PAD]"\nbos_token: str = "<s>"\ntokenizer = "gpt2-xl-7x2"\nSORT_KEY = "created_at7"\n'),
    ("a.py", 'api_key = f"{prefix}-{key}"\ntoken = f\'Bearer {t}\'\nH = {"Authorization": f"Bearer {api_key}"}\n'),
    ("a.py", 'api_key = "nvapi-..."\ntoken = "hf_xxx"\npassword = "<password>"\nAPI_KEY = "YOUR_API_KEY"\n'),
    ("a.py", 'if token == "b7f2x9q1" or "token" in x: pass\nassert secret != \'x\'\n'),
    (
        "a.py",
        'p.add_argument("--api-key", default=None, help="the key, e.g. abc-123-def")\np.add_argument(\'--token\', type=str)\n',
    ),
    ("a.py", 'name = {"api_key_env": "NVIDIA_API_KEY", "api_key_name": "HF_TOKEN"}\nKEY_ENV = "NVIDIA_API_KEY"\n'),
    ("a.py", 'api_key: str = Field(description="The key, see docs-7x2")\ntoken: str = field(default_factory=str)\n'),
    ("a.py", 'log.info("token=%s", token)\nlog.info("api_key: {}".format(k))\nprint(f"password={pw}")\n'),
    ("a.py", 'auth=(user, password)\nx(auth=("me", os.environ["PW"]))\nx(auth=HTTPBasicAuth(\'me\', pw))\n'),
    ("a.py", 'api_key = resolve("prod/nvidia-7x2")\nsecret = client.get_secret_value(SecretId="prod/x7")\n'),
    (
        "a.py",
        "token = \"my-token\" if x else 'test'\nSECRET = Path(\"/run/secrets/hf7\")\ncredentials = 'config/creds7.json'\n",
    ),
    ("a.py", 'TOKEN_URL = "https://h.example/oauth7"\nPASSWORD_FIELD = "pw7field"\nsecret_name = "hf-2024q3"\n'),
    ("a.py", "os.environ.setdefault(\"TOKENIZERS_PARALLELISM\", \"false\")\nos.environ.setdefault('HF_TOKEN', '')\n"),
    (
        "a.py",
        'os.environ["HF_TOKEN"] = token\nos.environ.update({"HF_TOKEN": args.token7})\nos.environ[\'HF_TOKEN\'] = str(t7)\n',
    ),
    (
        "a.ipynb",
        'api_key = os.environ["NVIDIA_API_KEY"]\nclient = OpenAI(api_key=api_key, base_url="https://x7.example")\n',
    ),
    ("a.ipynb", 'import getpass\nos.environ["HF_TOKEN"] = getpass.getpass("HF token: ")\n'),
    ("a.ipynb", "from google.colab import userdata\nHF_TOKEN = userdata.get('HF_TOKEN_7')\n%env HF_TOKEN=$HF_TOKEN\n"),
    ("a.md", '```python\nclient = OpenAI(api_key="your-api-key")\nx(token=...)\n>>> f(api_key=key)\n```\n'),
    ("a.md", '```python\nassert resp["token"] == "world"\ntokens = ["a7b2c", "d4e5"]\n```\n'),
    # Files' hashes, ids, paths.
    ("a.sh", "git checkout @hex40@\ncurl https://h.example/@digest@\nTOKEN_ID=@uuid@\n"),
    ("a.sh", "wandb artifact get a/b/c:v1 # @hex40@\nWANDB_RUN_ID=@hex40@\n"),
    ("a.yaml", "revision: @hex40@\nimage: nvcr.io/x@sha256:@digest@\nid: @uuid@\ntoken: @uuid@\n"),
    ("a.yaml", "wandb:\n  project: p\n\nrevision:\n  key: @hex40@\n"),
    ("env.toml", '[wandb]\nproject = "p"\n\n[gpu]\nexecutor = "local"\ncommit_key = "@hex40@"\n'),
    ("a.yaml", "credentials: /run/secrets/x7\npassword_file: pw7.txt\ntoken: ./t0ken.txt\nkey: s3://b/k7\n"),
    ("a.yaml", "cache_key: k7Qw9-x2Lm\nsort_key: b7f2x9\npartition_key: a7b2-c3d4\nsshPublicKey: AAAAB3Nza7x2\n"),
    ("a.yaml", "tokenizer: x7-b2\ntoken_drop: 0.125\neos_token_id: 50256\nspecial_tokens: {pad_token: '<pad7>'}\n"),
    ("a.json", '{"integrity": "sha512-@storage@", "token_count": 4096, "passthrough": "x7b2q9"}\n'),
    ("a.sh", "x --key-file k7.pem --token-file /x/t7 --password-stdin --tokenizer x7-b2 --max-tokens 4096\n"),
    ("a.sh", "export HF_TOKEN_PATH=/x/t7 PASSWORD_STORE_DIR=/p7 KEY_ID=k7x2q9 SSH_AUTH_SOCK=/tmp/x7\n"),
    (
        "a.sh",
        "AccountKey=<key>\nsig=abc\nhttps://h.example/?sig=$SIG\nAGE-SECRET-KEY-1...\nxai-sdk-python-1.0 gsk_demo pplx-api\n",
    ),
    ("a.sh", "lsv2_pt_... dckr_pat_xxx tgp_v1_your_key glrt-<token> sk-or-v1-... gldt-xxxx AKCp-artifact\n"),
    ("a.md", "Keys begin with `gsk_`, `xai-`, `pplx-`, `sk-or-v1-`, `lsv2_pt_`, `dckr_pat_`, `tgp_v1_` or `glrt-`.\n"),
    ("a.md", "Post to https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX\n"),
    ("a.sh", "run xai-grok-2-vision-1212-and-a-very-long-model-name-that-goes-on-and-on-for-eighty-chars-x\n"),
    # Commands.
    ("a.sh", "set -euo pipefail\nset HF_TOKEN=\nsetenv HF_TOKEN $X\nset -gx PATH /x7\n"),
    ("a.sh", "echo x7b2 | sudo tee /etc/f\necho y | sudo -S=no ls\necho done7 | tee log\n"),
    (
        "a.sh",
        "docker login nvcr.io -u '$oauthtoken' --password-stdin < key7.txt\ncat t7 | docker login --password-stdin\n",
    ),
    ("a.sh", 'huggingface-cli login --token $HF_TOKEN --add-to-git-credential\nhf auth login --token "${HF_TOKEN}"\n'),
    ("a.sh", "docker run -e HF_TOKEN -e NGC_API_KEY=$NGC_API_KEY --env-file x7.env image\n"),
    (
        "a.sh",
        "kubectl get secret hf-2024q3-ro -o jsonpath='{.data.token}'\nkubectl create secret generic x --from-literal=a=\"$A\"\n",
    ),
    ("a.sh", "vault kv get -field=token secret/hf7\naws secretsmanager get-secret-value --secret-id prod/x7\n"),
    ("a.sh", 'curl -u "me:$PW" h\ncurl -u me h\nwget --password="$P" h\ncurl -H "Authorization: Bearer $(cat t7)" h\n'),
    ("a.sh", "ssh-keygen -t ed25519 -C me@h7.example\nssh -p 2222 h\nmysql -P3306 -pp db\n"),
    ("a.sh", "nemotron steps run translate/nemo_curator server.api_key_env=NVIDIA_API_KEY server.api_key=EMPTY\n"),
    ("a.sh", "nemotron steps run sft/automodel model.tokenizer=x7b2 data.token_key=t7x2q9 optimizer.key=k7\n"),
    ("a.sh", "grep -r 'HF_TOKEN=' . ; sed -i 's/API_KEY=.*/API_KEY=x/' f7 ; echo 'token: missing' >&2\n"),
    ("a.sh", '[ "$TOKEN" = expected7 ] && x ; case $TOKEN in a7) ;; esac ; TOKEN=${1:?token7}\n'),
    ("a.sh", "read -rs -p 'Password 7: ' PASSWORD\nTOKEN=`cat t7`\nAPI_KEY=\"$(op read op://v/k7/p)\"\n"),
    ("Dockerfile", "FROM a\nARG HF_TOKEN\nENV HF_TOKEN=$HF_TOKEN\nRUN --mount=type=secret,id=hf_token7 x\n"),
    ("a.yaml", "args: [--api-key, $(API_KEY), --token, \"$TOKEN\", --max-tokens, '4096']\n"),
    ("a.yaml", "args:\n  - --api-key\n  - ${API_KEY}\n  - --tokenizer\n  - x7b2-q9\n  - --token-file\n  - t7.txt\n"),
    ("a.json", '{"args": ["--api-key", "${API_KEY}", "--token-path", "/x7"], "tokens": ["a7"]}\n'),
    ("a.yaml", "providers:\n  - name: x\n    api_key: OPENROUTER_API_KEY\n    key: x7\n"),
    ("a.yaml", "permissions:\n  id-token: write\npassword-policy: x7\nauth: basic7\nauthorization: RBAC\n"),
    ("a.toml", '[tool.x]\ntoken = "env:HF_TOKEN"\nkey = "k7"\nsecret-scanning = "on7"\npassword = false\n'),
    ("a.toml", '[wandb]\nproject = "p7x2"\nentity = "k7qx9"\nbase_url = "https://w7.example"\n'),
    (
        "a.rst",
        "Use ``HF_TOKEN=...`` or :option:`--token x`.\n\n.. code-block:: yaml\n\n   api_key: ${KEY}\n   token: <token>\n",
    ),
    ("a.txt", "token: see vault, password reset by 2024-07-07\n"),
    ("a.sh", "X=\"eyJhbGciOi...\" Y=eyJ0eXAi.x.y PEM='-----BEGIN PRIVATE KEY-----...'\n"),
    ("a.sh", "URL=https://user:password@h.example DB=postgres://u:${P}@h/db X=http://u:<p>@h Y=redis://:@h\n"),
    ("a.sh", "make -C x key=value token=on secret=off password=none API_KEY=unset\n"),
    (
        "a.yaml",
        "on:\n  workflow_call:\n    secrets:\n      HF_TOKEN:\n        required: true\n    inputs:\n      token: {type: string}\n",
    ),
    (
        "a.yaml",
        "kind: ExternalSecret\nspec:\n  data:\n  - secretKey: HF_TOKEN\n    remoteRef: {key: prod/hf7, property: t7}\n",
    ),
    ("a.yaml", "api_key:\n  value_from: {secret_name_ref: HF_7X2}\ntoken: null\npassword: ~\nsecret: []\n"),
    (
        "a.py",
        'TOKEN_RE = re.compile(r"token=[a-z0-9]+")\nPASSWORD_RULES = "min8-upper1"\nSECRET_KEYS = [\'a7b2c3d4\']\n',
    ),
    (
        "a.py",
        "logger.info('api_key=%s', mask(k7))\nraise ValueError(\"api_key: missing7\")\nx(token=None, api_key=key7)\n",
    ),
    (
        "a.ipynb",
        "from huggingface_hub import login\nlogin(token=os.environ['HF_TOKEN'])\nlogin()\nprint(tokens['x7b2'])\n",
    ),
    ("a.ipynb", 'tokenizer.pad_token = tokenizer.eos_token\nspecial = {"pad_token": "<|pad_7|>", "token": "word"}\n'),
    ("a.md", '```yaml\nserver:\n  api_key_env: NVIDIA_API_KEY  # the name\n  api_key: ""\n```\n'),
    (
        "a.md",
        "```console\n$ hf auth login\nToken: \n$ wandb login\nwandb: Paste an API key from your profile and hit enter: \n```\n",
    ),
    ("a.md", "| variable | value |\n|---|---|\n| `HF_TOKEN` | your token |\n| `api_key` | `NVIDIA_API_KEY` |\n"),
    ("a.md", "```diff\n- api_key: old\n+ api_key_env: NVIDIA_API_KEY\n```\n"),
    ("a.md", '```json\n{"usage": {"prompt_tokens": 12}, "token": "Hello", "id": "chatcmpl-x7b2q9"}\n```\n'),
)


def _planted(listed: tuple[tuple[str, str], ...]) -> list[Planted]:
    found = []
    for number, (path, form) in enumerate(listed):
        text = notebook(form.splitlines(keepends=True)) if path.endswith(".ipynb") else form
        found.append(plant(f"{number} {path}: {form.strip()[:60]}", path, text))
    return found


def secrets() -> list[Planted]:
    """Texts whose places are secrets, all of them."""
    return _planted(_SECRETS)


def lookalikes() -> list[Planted]:
    """Texts without a secret, though some look as if. Their places say where what looks most like one stands."""
    return _planted(_LOOKALIKES)
