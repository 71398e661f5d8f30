"""Write docs/device-profile.schema.json anew, from the dataclasses that read profiles."""

from pathlib import Path

from checks import profile_schema

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write the file."""
    path = ROOT / profile_schema.PATH
    path.write_text(profile_schema.text(), encoding="utf-8")
    print(f"wrote {profile_schema.PATH}")


if __name__ == "__main__":
    main()
