"""Files of other formats than CSV, several files as one, folders of images: damaged, or not what belongs together."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tests.bad_input.case import Case
from tests.bad_input.given import PIXEL, TABLE, file, files, parquet, says, workbook


def images(*names: str, **more: str | bytes) -> Callable[[Path], list[str]]:
    """Compare a folder `pictures` that holds images of these names; more files by their names, with __ for a slash."""
    contents = {f"pictures/{name}": PIXEL.getvalue() for name in names}
    contents |= {f"pictures/{name.replace('__', '/')}.png": content for name, content in more.items()}

    def make(folder: Path) -> list[str]:
        (folder / "pictures").mkdir()
        return files(contents, "pictures", target="")(folder)

    return make


def idx(n_dims: int, *sizes: int, kind: int = 8, n_bytes: int | None = None) -> bytes:
    n = 1
    for size in sizes:
        n *= size
    return struct.pack(f">HBB{n_dims}I", 0, kind, n_dims, *sizes) + bytes(n if n_bytes is None else n_bytes)


def digits(**changed: bytes | None) -> Callable[[Path], list[str]]:
    """Compare a folder in the layout of MNIST, some of whose files are others, or not there."""
    contents = {
        "train-images-idx3-ubyte": idx(3, 4, 2, 2),
        "train-labels-idx1-ubyte": idx(1, 4),
        "t10k-images-idx3-ubyte": idx(3, 2, 2, 2),
        "t10k-labels-idx1-ubyte": idx(1, 2),
    }
    contents |= {name.replace("_", "-"): content for name, content in changed.items()}
    return files({f"digits/{name}": content for name, content in contents.items() if content is not None}, "digits", target="")


def broken_sheet(folder: Path) -> list[str]:
    """Compare a workbook whose sheet ends in the middle."""
    workbook({"a": [["size", "label"], [1, "yes"]]})(folder)
    with zipfile.ZipFile(folder / "book.xlsx") as whole, zipfile.ZipFile(folder / "cut.xlsx", "w") as cut:
        for name in whole.namelist():
            content = whole.read(name)
            cut.writestr(name, content[: len(content) // 2] if "sheet1" in name else content)
    return ["compare", "cut.xlsx", "--target", "label"]


def two_labels() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table([pa.array([1, 2]), pa.array(["a", "b"])], names=["label", "label"]), out)
    return out.getvalue()


OTHER_FORMATS = (
    says(
        "JSON called CSV", file("t.csv", '[{"label": 1}]'), "t.csv holds JSON; call it .json, or .jsonl with one object per line."
    ),
    says(
        "Parquet with a name that stands twice",
        file("t.parquet", two_labels()),
        "t.parquet has 2 columns called 'label' (columns 1, 2); give each a name of its own.",
    ),
    says("a workbook cut short", broken_sheet, "cut.xlsx is no Excel workbook that can be read (<…>); save it anew as .xlsx."),
    says(
        "a title above the names",
        workbook({"a": [["Sales of 2024"], ["size", "label"], [1, "yes"]]}),
        "book.xlsx has no column 'label'. Columns: Sales of 2024, column 2. The first row of book.xlsx holds 'Sales of 2024' "
        "alone; if it is a title, delete what stands above the columns' names.",
    ),
    says("a line that is no JSON", file("t.jsonl", '{"a": 1}\n{"a"\n'), "t.jsonl, line 2: not a JSON object (<…>)."),
    says(
        "a line that is no object",
        file("t.jsonl", "[1]\n"),
        "t.jsonl, line 1: holds a list, not an object with a value per column.",
    ),
    says(
        "half a character",
        file("t.jsonl", '{"a": "\\ud83d"}\n'),
        "t.jsonl, column 'a', row 1: holds half a character (\\ud83d alone); take it out.",
    ),
    says(
        "half a character in a name",
        file("t.jsonl", '{"label": 1, "a\\ud83d": 1}\n'),
        "t.jsonl: the name of column 'a\\ud83d' holds half a character; take it out.",
    ),
    says(
        "JSON that is no list", file("t.json", '{"a": 1}'), "t.json holds an object; a list of objects, one per row, is needed."
    ),
    says(
        "JSON lines called JSON",
        file("t.json", '{"a": 1}\n{"a": 2}'),
        "t.json is not valid JSON (<…>); with one object per line call it .jsonl.",
    ),
    says(
        "a JSON row that is no object",
        file("t.json", "[1]"),
        "t.json, row 1: holds a number, not an object with a value per column.",
    ),
    says("JSON without columns", file("t.json", "[{}, {}]"), "t.json holds no columns."),
    says("no Parquet file", file("t.parquet", "junk"), "t.parquet is not a Parquet file, or a damaged one (<…>)."),
    says("no Feather file", file("t.feather", "junk"), "t.feather is not a Feather or Arrow file, or a damaged one (<…>)."),
    says(
        "no workbook",
        file("t.xlsx", "junk"),
        "t.xlsx is no Excel workbook that can be read (File is not a zip file); save it anew as .xlsx.",
    ),
    says("an empty workbook", workbook({"a": [], "b": []}), "book.xlsx is empty."),
    says("an empty sheet", workbook({"a": [["label"], [1]], "b": []}, "#b"), "book.xlsx, sheet 'b', is empty."),
    says(
        "a sheet that is not there",
        workbook({"sales": [["label"], [1]], "costs": []}, "#sale"),
        "book.xlsx has no sheet 'sale'; did you mean 'sales'? Sheets: sales, costs.",
    ),
    says(
        "a target on another sheet",
        workbook({"about": [["made by"], ["x"]], "data": [["size", "label"], [1, "yes"]]}),
        "book.xlsx has no column 'label'. Columns: made by. book.xlsx has 2 sheets; 'about' was read. Another one: "
        "book.xlsx#data ('data').",
    ),
    says(
        "a target of formulas that nothing computed",
        workbook({"a": [["size", "label"], [1, "=A2>1"], [2, "=A3>1"]]}),
        "book.xlsx, column 'label', the target, is empty in every row. book.xlsx: formulas in 'label' have no stored values and "
        "count as missing; open the file in a spreadsheet program and save it once.",
    ),
    says(
        "nothing but formulas that nothing computed",
        workbook({"a": [["size", "label"], ["=1+1", "=A2>1"], ["=1+2", "=A3>1"]]}),
        "book.xlsx holds only the names of its columns; there are no rows. book.xlsx: formulas in 'size', 'label' have no stored "
        "values and count as missing; open the file in a spreadsheet program and save it once.",
    ),
    says("a sheet of names", workbook({"a": [["label"]]}), "book.xlsx holds only the names of its columns; there are no rows."),
)

SEVERAL = (
    says("no file of that pattern", files({}, "part-*.csv"), "no file matches 'part-*.csv'."),
    says(
        "parts of different tables",
        files({"part-1.csv": TABLE, "part-2.csv": TABLE.replace("size", "sise")}, "part-*.csv"),
        "part-2.csv and part-1.csv are no parts of one table: part-2.csv lacks 'size' and has 'sise' besides; name one of them, "
        "or give both the same columns.",
    ),
    says(
        "a cell of the second part",
        files({"d/1.csv": "size,label\n" + "1.5,1.5\n2,2.5\n" * 20, "d/2.csv": "size,label\n4,7\n3,soon\n"}, "d"),
        "2.csv, row 2, column 'label': 'soon' is not a number.\n"
        "  Treat it as missing: --missing soon      Predict classes instead: --task multiclass",
    ),
    says(
        "train beside other tables",
        files({"d/train.csv": TABLE, "d/test.csv": TABLE, "d/dev.csv": TABLE}, "d"),
        "d is a folder with the tables 'dev.csv', 'test.csv', 'train.csv'; name one of them, or leave just train and test, whose "
        "rows are then the final ones.",
    ),
    says(
        "tables and images",
        files({"d/labels.csv": TABLE, "d/cats/1.png": PIXEL.getvalue()}, "d"),
        "d is a folder with tables ('labels.csv') and images ('cats/1.png'); name the table, or a folder with nothing but "
        "images.",
    ),
)

IMAGES = (
    says(
        "an empty folder",
        images(),
        "pictures is a folder with nothing to read: no table in it, and no images (.jpg, .jpeg, .png, .bmp, .gif, .webp, .tif, "
        ".tiff) in it or below.",
    ),
    says(
        "images without classes",
        images("1.png", "2.png"),
        "pictures holds images but no subfolders; put the images of each class into a folder of its name.",
    ),
    says(
        "images beside classes",
        images("1.png", "cats/2.png"),
        "pictures holds images beside its class folders ('1.png'); move them into their class.",
    ),
    says(
        "three parts",
        images("train/a/1.png", "test/a/2.png", "val/a/3.png"),
        "pictures holds train, test and val; put the images of val into train.",
    ),
    says(
        "a class of the final images only",
        images("train/a/1.png", "train/b/2.png", "test/c/3.png"),
        "pictures: test holds classes that train does not: 'c'.",
    ),
    says(
        "one class",
        images("cats/1.png", "cats/2.png"),
        "pictures holds one class only, 'cats'; put the images of each class into a folder of its name.",
    ),
    says(
        "a broken image",
        images("a/1.png", "b/2.png", a__3=PIXEL.getvalue()[:-20]),
        "pictures: 1 image file cannot be read: 'a/3.png' is damaged or cut off. Mend or remove what is named.",
    ),
    says(
        "broken images",
        images("a/1.png", "b/2.png", a__3=b"", b__4=b"junk"),
        "pictures: 2 image files cannot be read: 'a/3.png' is empty; 'b/4.png' is no image of a known format. Mend or remove "
        "what is named.",
    ),
    says(
        "images of a table that are not there",
        files({"t.csv": "file,label\n1.png,yes\n2.png,no\n", "1.png": PIXEL.getvalue()}, "t.csv", "--kind", "file=image"),
        "t.csv, row 2, column 'file': the image '2.png' is not there.",
    ),
    says(
        "broken images in a table",
        file("t.parquet", parquet({"i": [PIXEL.getvalue(), b"\x89PNG", b"BM", None], "label": ["a", "b", "a", "b"]})),
        "t.parquet, row 2, column 'i': the cell is no image of a known format (2 such cells, rows 2, 3).",
    ),
    says("idx without labels", digits(train_labels_idx1_ubyte=None), "digits holds idx files, but no train-labels-idx1-ubyte."),
    says(
        "an idx file cut short",
        digits(train_images_idx3_ubyte=idx(3, 4, 2, 2, n_bytes=15)),
        "train-images-idx3-ubyte promises 4 × 2 × 2 bytes and holds 15; fetch it again.",
    ),
    says(
        "an idx file of other numbers",
        digits(train_images_idx3_ubyte=idx(3, 4, 2, 2, kind=13)),
        "train-images-idx3-ubyte is no idx file of bytes in 3 dimensions.",
    ),
    says(
        "fewer labels than images",
        digits(t10k_labels_idx1_ubyte=idx(1, 1)),
        "t10k-images-idx3-ubyte holds 2 images, but t10k-labels-idx1-ubyte 1 labels.",
    ),
    says(
        "an idx file of nothing",
        digits(train_images_idx3_ubyte=idx(3, 0, 2, 2), train_labels_idx1_ubyte=idx(1, 0)),
        "train-images-idx3-ubyte holds nothing (0 × 2 × 2 bytes); fetch it again.",
    ),
    says(
        "an idx file that stands there twice",
        digits(**{"train_labels.idx1_ubyte": idx(1, 4)}),
        "digits holds 'train-labels-idx1-ubyte', 'train-labels.idx1-ubyte'; leave one of them.",
    ),
    says(
        "final images for a table",
        files({"t.csv": TABLE, "more/a/1.png": PIXEL.getvalue(), "more/b/2.png": PIXEL.getvalue()}, "t.csv", "--final", "more"),
        "final images belong into a folder test beside train, both by class; --final takes tables.",
    ),
    says(
        "idx images of two sizes",
        digits(t10k_images_idx3_ubyte=idx(3, 2, 3, 2)),
        "digits: the images of train and test differ in size ((2, 2) and (3, 2)).",
    ),
)

CASES: tuple[Case, ...] = (*OTHER_FORMATS, *SEVERAL, *IMAGES)
