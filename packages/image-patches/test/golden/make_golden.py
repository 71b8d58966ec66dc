"""Writes resize.ts and files.ts with Pillow and numpy (Debian: python3-pil, python3-numpy): run it in this folder.

resize.ts: numbers resized by Pillow's BILINEAR in mode F. files.ts: small PNG and JPEG files with their pixels as Pillow
reads them, alpha not multiplied.
"""

import base64
import io
import json
import struct
import zlib

from PIL import Image
import PIL

GENERATED = f"// Made by make_golden.py with Pillow {PIL.__version__}; not written by hand.\n\n"


def numbers(width, height):
    return [((x * 37 + y * 101 + x * y * 11) % 256) * 1.0 for y in range(height) for x in range(width)]


def resize_cases():
    cases = []
    for width, height, columns, rows in [(5, 4, 3, 2), (4, 3, 7, 9), (13, 1, 5, 1), (1, 6, 4, 2), (40, 30, 7, 11), (6, 40, 9, 4)]:
        image = Image.new("F", (width, height))
        image.putdata(numbers(width, height))
        resized = image.resize((columns, rows), Image.BILINEAR)
        cases.append({"width": width, "height": height, "columns": columns, "rows": rows,
                      "values": [round(value, 4) for value in resized.getdata()]})
    return cases


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, interlace, raw, before=b"", compressed=None):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    data = zlib.compress(raw, 9) if compressed is None else compressed
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def interlaced(width, height):
    """Grey, Adam7; small enough that some passes have no pixels."""
    raw = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        for y in range(y0, height, dy):
            row = bytes((x * 50 + y * 20) % 256 for x in range(x0, width, dx))
            if row:
                raw += b"\0" + row
    return png(width, height, 8, 0, 1, raw)


def picture(mode, width=6, height=5):
    image = Image.new("RGBA", (width, height))
    image.putdata([(x * 40 % 256, y * 50 % 256, (x * y * 13) % 256, 255 - 8 * x * y if mode == "RGBA" else 255)
                   for y in range(height) for x in range(width)])
    return image if mode == "RGBA" else image.convert(mode)


def smooth(mode, width=24, height=16):
    image = Image.new("RGB", (width, height))
    image.putdata([(x * 10, y * 15, 128 + x * 2 - y * 3) for y in range(height) for x in range(width)])
    return image.convert(mode)


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def broken_cases():
    """Files that are sound up to their pixels."""
    broken = {
        "a filter of 9": png(3, 2, 8, 0, 0, b"\x09\1\2\3\x09\4\5\6"),
        "rows that are missing": png(40, 40, 8, 0, 0, b"\0" + bytes(40)),
        "an index beyond the palette": png(3, 1, 8, 3, 0, b"\0\0\7\1", before=chunk(b"PLTE", bytes([1, 2, 3, 4, 5, 6]))),
    }
    return {name: base64.b64encode(data).decode() for name, data in broken.items()}


def file_cases():
    palette = Image.new("P", (4, 3))
    palette.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 99, 199])
    palette.putdata([(x + y) % 4 for y in range(3) for x in range(4)])
    bits = Image.new("1", (9, 3))
    bits.putdata([255 * ((x + y) % 2) for y in range(3) for x in range(9)])
    deep = b"".join(b"\0" + b"".join(struct.pack(">H", x * 9000 + y * 1000 + 200) for x in range(5)) for y in range(3))
    turned = Image.Exif()
    turned[0x0112] = 6
    profile = chunk(b"gAMA", struct.pack(">I", 100000))
    files = {
        "grey.png": saved(picture("L"), "PNG"),
        "rgb.png": saved(picture("RGB"), "PNG"),
        "rgba.png": saved(picture("RGBA"), "PNG"),
        "grey-alpha.png": saved(picture("RGBA").convert("LA"), "PNG"),
        "palette.png": saved(palette, "PNG"),
        "palette-transparent.png": saved(palette, "PNG", transparency=bytes([255, 0, 255, 128])),
        "bits.png": saved(bits, "PNG"),
        "interlaced.png": interlaced(3, 5),
        "one-pixel.png": saved(picture("RGB", 1, 1), "PNG"),
        "linear-gamma.png": png(3, 1, 8, 0, 0, b"\0\x10\x80\xf0", before=profile),
        "deep.png": png(5, 3, 16, 0, 0, deep),
        "more-data.png": png(3, 2, 8, 0, 0, b"\0\1\2\3\0\4\5\6" + bytes(200000)),
        "text-bomb.png": png(3, 2, 8, 0, 0, b"\0\1\2\3\0\4\5\6",
                             before=chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(2000000), 9))),
        "rgb.jpg": saved(smooth("RGB"), "JPEG", quality=95),
        "grey.jpg": saved(smooth("L"), "JPEG", quality=95),
        "progressive.jpg": saved(smooth("RGB"), "JPEG", quality=95, progressive=True),
        "turned.jpg": saved(smooth("RGB"), "JPEG", quality=95, exif=turned),
        "cmyk.jpg": saved(smooth("CMYK"), "JPEG", quality=95),
    }
    cases = {}
    for name, data in files.items():
        # Pillow refuses the text, which is not read here.
        image = Image.open(io.BytesIO(files["more-data.png"] if name == "text-bomb.png" else data))
        if name == "deep.png":
            pixels = [(v >> 8, v >> 8, v >> 8, 255) for y in range(3) for x in range(5) for v in [x * 9000 + y * 1000 + 200]]
            size = (5, 3)
        else:
            if name == "turned.jpg":
                image = image.transpose(Image.ROTATE_270)
            rgba = image.convert("RGBA")
            pixels, size = list(rgba.getdata()), rgba.size
        cases[name] = {"bytes": base64.b64encode(data).decode(), "width": size[0], "height": size[1],
                       "pixels": base64.b64encode(bytes(v for p in pixels for v in p)).decode()}
    return cases


with open("resize.ts", "w") as file:
    file.write(GENERATED + "export const resizeCases = " + json.dumps(resize_cases()) + ";\n")
with open("files.ts", "w") as file:
    file.write(GENERATED + "export const files = " + json.dumps(file_cases(), indent=2) + ";\n\n")
    file.write("export const brokenFiles = " + json.dumps(broken_cases(), indent=2) + ";\n")
