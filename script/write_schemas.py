"""Write docs/*.schema.json anew, from the dataclasses that read such files."""

from pathlib import Path

from checks import profile_schema, site_schema

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write the files."""
    for part in (profile_schema, site_schema):
        (ROOT / part.PATH).write_text(part.text(), encoding="utf-8")
        print(f"wrote {part.PATH}")


if __name__ == "__main__":
    main()
