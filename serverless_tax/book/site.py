"""A Sphinx extension: what the published site needs beyond the book itself.

Everything that has an address is built from one setting, ``repository.url`` of ``_config.yml``: the
buttons that open a lab, the links to the source, the map of the site, the card of each page. While
it is empty there is none of them. Each page gets a description and a policy that lets it load from
its own origin only.
"""

from __future__ import annotations

import math
import shutil
from functools import partial
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from serverless_tax.book.colab import FOLDER
from serverless_tax.book.tab import APP, has_tab, tab_mb
from serverless_tax.book.tab import FOLDER as FOLDER_OF_TAB
from serverless_tax.ground.html import tag

_BRANCH = "main"
_GITHUB = "https://github.com/"
_COLAB = "https://colab.research.google.com"
#: Where the labs of a browser's tab lie in the site.
TAB = "tab"
_TAB_BUTTON = {
    "type": "link",
    "text": "This browser",
    "tooltip": "Open in this browser",
    "icon": "fas fa-window-maximize",
}
#: What a page may load: its own origin, and the scripts, styles and pictures inside the page.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'"
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Take up the site's settings.

    Raises:
        ExtensionError: if the repository's address is not one on GitHub.
    """
    app.setup_extension("sphinxext.opengraph")
    # The look draws a card for each page, once there is an address that can name it.
    app.config.ogp_social_cards = {"enable": False}
    app.setup_extension("sphinx_reredirects")
    repository = app.config.html_theme_options.get("repository_url", "")
    codespace = _publish(app, *_owner_and_name(repository)) if repository else ""
    app.connect("html-page-context", _set_policy)
    # The theme makes its own buttons first.
    app.connect("html-page-context", partial(_keep_buttons, codespace=codespace), priority=900)
    app.add_config_value("serverless_tax_tab", str(FOLDER_OF_TAB), "html")
    app.connect("html-page-context", _offer_tab, priority=901)
    app.connect("build-finished", _put_tab)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _owner_and_name(repository: str) -> tuple[str, str]:
    owner, _, name = repository.removeprefix(_GITHUB).strip("/").partition("/")
    if not repository.startswith(_GITHUB) or not name or "/" in name:
        msg = (
            f"repository.url in _config.yml is {repository!r}; use an address such as"
            f" {_GITHUB}OWNER/NAME, or leave it empty."
        )
        raise ExtensionError(msg)
    return owner, name


def _publish(app: Sphinx, owner: str, name: str) -> str:
    """Set what has an address; return that of a codespace on the repository."""
    site = f"https://{owner.lower()}.github.io/{name}/"
    app.config.html_baseurl = app.config.ogp_site_url = site
    app.config.sitemap_url_scheme = "{link}"
    app.config.sitemap_excludes = ["embed/*"]
    app.config.html_theme_options |= {
        "repository_branch": _BRANCH,
        "use_repository_button": True,
        "use_issues_button": True,
        "launch_buttons": {
            "notebook_interface": "jupyterlab",
            "binderhub_url": "https://mybinder.org",
            # Colab opens a lab alone: `make colab` keeps the student form for it.
            "colab_url": _COLAB,
        },
    }
    app.setup_extension("sphinx_sitemap")
    return f"https://codespaces.new/{owner}/{name}?quickstart=1"


def _set_policy(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    """Say in each page what it may load."""
    del app, page, template, doctree
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    context["metatags"] = policy + context.get("metatags", "")


def _offer_tab(app: Sphinx, page: str, template: str, context: Any, doctree: Any) -> None:
    """Let a lab open in this browser, before all other ways to open it, where the site can."""
    del template, doctree
    folder = Path(app.config.serverless_tax_tab)
    if not page.startswith("labs/") or page == "labs/index" or not has_tab(folder):
        return
    url = f"../{TAB}/{APP}?path={page.removeprefix('labs/')}.ipynb"
    link = tag("a", "Open in this browser", class_="btn btn-primary", href=url)
    megabytes = tab_mb(folder)
    said = (
        f" Nothing is installed, and nothing leaves it; it loads {megabytes} MB at most, once:"
        f" at 10 Mbit/s {math.ceil(8 * megabytes / 10)} s, before Python starts."
    )
    head, end, rest = str(context["body"]).partition("</h1>")
    context["body"] = head + end + tag("p", link, said).html + rest
    for group in context.get("header_buttons", []):
        if group.get("label") == "launch-buttons":
            group["buttons"].insert(0, _TAB_BUTTON | {"url": url})


def _put_tab(app: Sphinx, exception: Exception | None) -> None:
    """Put the tab beside the pages, or take an earlier one away."""
    if exception or app.builder.format != "html":
        return
    there = Path(app.outdir) / TAB
    shutil.rmtree(there, ignore_errors=True)
    folder = Path(app.config.serverless_tax_tab)
    if has_tab(folder):
        shutil.copytree(folder, there)


def _keep_buttons(
    app: Sphinx, page: str, template: str, context: Any, doctree: Any, *, codespace: str
) -> None:
    """Let a lab of a repository with an address have buttons that open it, and no other page."""
    del app, template, doctree
    opens = codespace and page.startswith("labs/")
    buttons = context.get("header_buttons", [])
    launches = [one for one in buttons if one.get("label") == "launch-buttons"]
    if not opens:
        context["header_buttons"] = [one for one in buttons if one not in launches]
    for group in launches:
        for one in group["buttons"]:
            if one.get("url", "").startswith(_COLAB):
                one["url"] = one["url"].replace("/labs/", f"/{FOLDER}/")
        group["buttons"].append(
            {
                "type": "link",
                "text": "Codespaces",
                "tooltip": "Open the repository in a codespace",
                "icon": "fas fa-cloud",
                "url": codespace,
            }
        )
