"""The walks, as data: each by itself, in any order, on a suite that others use too.

What is in braces the walk is told: `{mark}` is the transport's own word, so that what it makes is its own.
"""

from tests.compat.walk import Step

IN_CLUSTER = "https://kubernetes.default.svc"
KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
ANN = "830ECC4B9624B028"


def told(mark: str, **more: str) -> dict[str, str]:
    """What every walk is told."""
    name = f"walk-{mark}"
    return {
        "mark": mark,
        "app": name,
        "project": name,
        "in_cluster": IN_CLUSTER,
        "key": KEY,
        "ann": ANN,
        **more,
    }


def set_of(told: dict[str, str]) -> str:
    """The document of an application set."""
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\n"
        f"metadata: {{name: {told['app']}}}\n"
        "spec:\n  goTemplate: true\n  generators:\n  - list: {elements: [{name: one}]}\n"
        f"  template:\n    metadata: {{name: '{told['app']}-{{{{.name}}}}'}}\n"
        "    spec:\n      project: default\n"
        f"      source: {{repoURL: '{told['repo']}', path: apps/plain, targetRevision: main}}\n"
        f"      destination: {{server: '{IN_CLUSTER}', namespace: '{{{{.name}}}}'}}\n"
    )


TABLE_OF_APPS = r"^NAME\s+CLUSTER\s+NAMESPACE\s+PROJECT\s+STATUS\s+HEALTH\s+SYNCPOLICY\s+CONDITIONS"
CREATED = (
    "app create {app} --repo {repo} --path apps/web/overlays/prod --revision v1.0.0 "
    "--dest-server {in_cluster} --dest-namespace walk-{mark} --sync-option CreateNamespace=true"
)

SESSION = (
    Step("version --short", out=(r"^argocd: v\d", r"^argocd-server: v\d")),
    Step("version -o json", json={"server.Platform": "linux/amd64"}),
    Step("account get-user-info", out=("Logged In: true", "Username: admin", "Issuer: argocd")),
    Step("account get-user-info -o json", json={"loggedIn": True, "username": "admin"}),
    Step("account list", out=(r"^NAME\s+ENABLED\s+CAPABILITIES", r"^admin\s+true\s+login")),
    Step("account get --account admin -o json", json={"name": "admin", "enabled": True}),
    Step("account can-i sync applications '*/*'", out=("^yes$",)),
    Step("account can-i no-such-verb applications '*/*'", code=20, err=("does not contain no-such-verb",)),
    Step("account generate-token --account walker-{mark} --id one --expires-in 1h", out=(r"^eyJ[\w-]+\.",)),
    Step("account get --account walker-{mark} -o json", json={"tokens.0.id": "one"}),
    Step("account generate-token --account walker-{mark} --id one", code=20, err=("already has token",)),
    Step("account delete-token one --account walker-{mark}"),
    Step(
        "account update-password --account walker-{mark} --current-password {password} "
        "--new-password 'a long enough password'",
        out=("Password updated",),
    ),
    Step("account generate-token --account admin", code=20, err=("does not have apiKey capability",)),
    Step("app get no-such-app-{mark}", code=20, err=("code = PermissionDenied desc = permission denied",)),
    Step("proj get no-such-project-{mark}", code=20, err=("code = NotFound",)),
    Step("app list --server {server} --auth-token a.b.c {flags}", code=20, err=("code = Unauthenticated",)),
)

PROJECTS = (
    Step("proj create {project} -d {in_cluster},walk-* -s 'http://*' --description walked"),
    Step("proj create {project}", code=20, err=("code = (AlreadyExists|InvalidArgument)",)),
    *(
        Step(f"proj {line}")
        for line in (
            "add-source {project} https://other.example/x.git",
            "remove-source {project} https://other.example/x.git",
            "add-destination {project} {in_cluster} other",
            "remove-destination {project} {in_cluster} other",
            "add-destination-service-account {project} {in_cluster} walk-a deployer",
            "remove-destination-service-account {project} {in_cluster} walk-a deployer",
            "add-source-namespace {project} elsewhere",
            "remove-source-namespace {project} elsewhere",
            "add-signature-key {project} 4AEE18F83AFDEB23",
            "remove-signature-key {project} 4AEE18F83AFDEB23",
            "add-orphaned-ignore {project} apps Deployment --name 'kube-*'",
            "remove-orphaned-ignore {project} apps Deployment --name 'kube-*'",
            "allow-cluster-resource {project} '' Namespace",
            "deny-cluster-resource {project} '' Node",
            "deny-namespace-resource {project} '' Secret",
            "allow-namespace-resource {project} '' Secret",
            "set {project} --description changed",
            "windows add {project} -k deny --schedule '0 0 1 1 *' --duration 1h --applications '*'",
            "windows enable-manual-sync {project} 0",
            "windows disable-manual-sync {project} 0",
            "windows enable-sync-overrun {project} 0",
            "windows disable-sync-overrun {project} 0",
            "windows update {project} 0 --duration 2h",
            "role create {project} ci",
            "role add-policy {project} ci -a sync -o web",
            "role add-group {project} ci people",
        )
    ),
    Step(
        "proj get {project}",
        out=(r"^Description:\s+changed$", r"^Destinations:\s+{in_cluster},walk-\*", r"/Namespace"),
    ),
    Step(
        "proj get {project} -o json",
        json={
            "metadata.name": "{project}",
            "spec.roles.0.policies.0": "p, proj:{project}:ci, applications, sync, {project}/web, allow",
            "spec.roles.0.groups.0": "people",
            "spec.syncWindows.0.duration": "2h",
            "spec.clusterResourceWhitelist.0.kind": "Namespace",
        },
    ),
    Step(
        "proj windows list {project}",
        out=(r"^ID\s+STATUS\s+KIND\s+SCHEDULE\s+DURATION", r"deny\s+0 0 1 1 \*\s+2h"),
    ),
    Step("proj edit {project}"),
    Step("proj get {project}", out=(r"^Description:\s+edited$",)),
    Step("proj windows delete {project} 0"),
    Step("proj role create-token {project} ci --id one -e 1h --token-only", out=(r"^eyJ[\w-]+\.",)),
    Step("proj role list-tokens {project} ci", out=(r"^ID\s+ISSUED AT\s+EXPIRES AT", r"^one\s")),
    Step(
        "proj role get {project} ci", out=("p, proj:{project}:ci, applications, sync, {project}/web, allow",)
    ),
    Step("proj role list {project}", out=(r"^ROLE-NAME\s+DESCRIPTION", r"^ci\b")),
    Step("proj role delete-token {project} ci 1"),
    Step("proj role remove-policy {project} ci -a sync -o web"),
    Step("proj role remove-group {project} ci people"),
    Step("proj role delete {project} ci"),
    Step("proj list -o name", out=("^{project}$", "^default$")),
    Step("proj delete {project}"),
    Step("proj get {project}", code=20, err=("code = NotFound",)),
)

PLACES = (
    Step("repo add {repo} --name walk-{mark} --upsert", out=("Repository '{repo}' added",)),
    Step(
        "repo list",
        out=(r"^TYPE\s+NAME\s+REPO\s+INSECURE\s+OCI\s+LFS\s+CREDS\s+STATUS", r"{repo}\s.*Successful"),
    ),
    Step("repo list -o url", out=("^{repo}$",)),
    Step("repo get {repo} -o json", json={"repo": "{repo}", "connectionState.status": "Successful"}),
    Step("repo add {git}/no-such.git", code=20, err=("rpc error",)),
    Step("repo rm {repo}", out=("Repository '{repo}' removed",)),
    Step("repocreds add https://git.example/{mark} --username u --password p", out=("added",)),
    Step("repocreds list", out=(r"https://git.example/{mark}\s+u",)),
    Step("repocreds rm https://git.example/{mark}", out=("removed",)),
    Step("cluster list", out=(r"^SERVER\s+NAME\s+VERSION\s+STATUS", r"^{in_cluster}\s+in-cluster")),
    Step("cluster get in-cluster -o json", json={"name": "in-cluster", "server": "{in_cluster}"}),
    Step("cluster get {in_cluster} -o yaml", json={"name": "in-cluster"}),
    Step(
        "cluster add {context} --kubeconfig {kubeconfig} --name walk-{mark} --yes "
        "--system-namespace default --upsert",
        out=("Cluster '{cluster}' added",),
    ),
    Step("cluster set walk-{mark} --label team=walk", out=("Cluster '.*' updated",)),
    Step("cluster get walk-{mark} -o json", json={"server": "{cluster}", "labels.team": "walk"}),
    Step("cluster rotate-auth walk-{mark}", out=("rotated auth",)),
    Step("cluster rm walk-{mark} --yes", out=("removed",)),
    Step("cert add-ssh --batch", stdin="{mark}.example ssh-ed25519 {key}\n", out=("created 1 SSH",)),
    Step("cert add-tls {mark}.example --from {folder}/x.crt", out=("1 unique PEM certificate",)),
    Step(
        "cert list",
        out=(r"^HOSTNAME\s+TYPE\s+SUBTYPE\s+", r"^{mark}\.example\s+ssh", r"^{mark}\.example\s+https"),
    ),
    Step("cert rm {mark}.example", out=("Removed cert for '{mark}.example'",)),
    Step("gpg add --from {folder}/key.asc", out=("Created",)),
    Step("gpg list", out=(r"^KEYID\s+TYPE\s+IDENTITY", "{ann}")),
    Step("gpg get {ann} -o json", json={"keyID": "{ann}"}),
    Step("gpg rm {ann}"),
)

APPLICATIONS = (
    Step(CREATED, out=("application '{app}' created",)),
    Step(CREATED, out=("application '{app}' (created|unchanged|updated)",)),
    Step(f"{CREATED} --upsert --label walk={{mark}}", out=("application '{app}' (created|updated)",)),
    Step("app wait {app} --timeout 240 --operation"),
    Step("app diff {app} --refresh", code=1, out=("===== apps/Deployment walk-{mark}/web ======",)),
    Step("app manifests {app}", out=("^kind: Deployment$", "^kind: Service$")),
    Step("app sync {app} --dry-run", out=(r"^Sync Revision:\s+[0-9a-f]{40}$",)),
    Step(
        "app sync {app} --timeout 240",
        out=(r"^Phase:\s+Succeeded$", r"^apps\s+Deployment\s+walk-{mark}\s+web\s"),
    ),
    Step(
        "app wait {app} --health --sync --timeout 240",
        out=(r"^Sync Status:\s+Synced", r"^Health Status:\s+Healthy$"),
    ),
    Step("app diff {app}"),
    Step("app list", out=(TABLE_OF_APPS, r"^argocd/{app}\s+{in_cluster}\s+walk-{mark}\s+default")),
    Step("app list -l walk={mark} -o name", out=("^argocd/{app}$",)),
    Step("app get {app}", out=(r"^Name:\s+argocd/{app}$", r"^Sync Status:\s+Synced to v1.0.0")),
    Step("app get {app} -o json", json={"metadata.name": "{app}", "status.sync.status": "Synced"}),
    Step("app get {app} -o yaml --hard-refresh", json={"spec.source.path": "apps/web/overlays/prod"}),
    Step("app get {app} -o tree=detailed", out=("Deployment/web", "ReplicaSet/", "Pod/")),
    Step("app resources {app}", out=(r"^GROUP\s+KIND\s+NAMESPACE\s+NAME\s+ORPHANED", "Deployment")),
    Step(
        "app get-resource {app} --kind Deployment --resource-name web -o json", out=('"kind": "Deployment"',)
    ),
    Step("app actions list {app} --kind Deployment", out=(r"restart\s+false",)),
    Step("app actions run {app} restart --kind Deployment --resource-name web"),
    Step("app wait {app} --health --timeout 240"),
    Step("app logs {app} --tail 2 --kind Deployment --name web"),
    Step(
        "app patch-resource {app} --kind Deployment --resource-name web "
        """--patch '{"metadata":{"annotations":{"x":"y"}}}' """
        "--patch-type application/merge-patch+json"
    ),
    Step("app set {app} --revision main --sync-option Prune=true"),
    Step("app set {app} --sync-policy automated --self-heal --auto-prune"),
    Step("app get {app} -o json", json={"spec.syncPolicy.automated.selfHeal": True}),
    Step("app set {app} --sync-policy none"),
    Step("app edit {app}", out=("Application (details )?(updated|changed)|",)),
    Step("""app patch {app} --type merge --patch '{"metadata":{"labels":{"p":"q"}}}'"""),
    Step("app list -l p=q,walk={mark} -o name", out=("^argocd/{app}$",)),
    Step("app confirm-deletion {app}"),
    Step("app history {app}", out=(r"^ID\s+DATE\s+REVISION", r"^0\s")),
    Step("app history {app} -o id", out=("^0$",)),
    Step("app wait {app} --operation --timeout 240"),
    Step("app terminate-op {app}", code=20, err=("[Nn]o operation is in progress",)),
    Step("app rollback {app} 0 --timeout 240", out=(r"^Phase:\s+Succeeded$",)),
    Step("app delete-resource {app} --kind Service --resource-name web --all"),
    Step("app sync {app} --resource :Service:web --timeout 240", out=(r"^Phase:\s+Succeeded$",)),
    Step("app add-source {app} --repo {repo} --ref values", code=1),
    Step("app remove-source {app} --source-position 1 --yes", code=1),
    Step("app delete {app} --yes --wait", out=("application '{app}' deleted",)),
    Step("app get {app}", code=20, err=("PermissionDenied",)),
)

SETS = (
    Step("appset list", out=(r"^NAME\s+PROJECT\s+SYNCPOLICY",)),
    Step("appset get no-such-set-{mark}", code=20, err=("rpc error: code = NotFound",)),
    Step("appset create {folder}/set.yaml", err=("ApplicationSet 'walk-{mark}' created",)),
    Step("appset get walk-{mark} -o json", json={"metadata.name": "walk-{mark}"}),
    Step("appset generate {folder}/set.yaml -o yaml", out=(r"kind: Application",)),
    Step("appset delete walk-{mark} --yes"),
)

OUT_AGAIN = (
    Step("relogin --password {password}", out=("logged in successfully",)),
    Step("logout {server}", out=("Logged out from '{server}'",)),
    Step("app list", code=20, err=("code = Unauthenticated",)),
)

WALKS: dict[str, tuple[Step, ...]] = {
    "session": SESSION,
    "projects": PROJECTS,
    "places": PLACES,
    "applications": APPLICATIONS,
    "application sets": SETS,
}
"""What is walked with a session; OUT_AGAIN comes last."""
