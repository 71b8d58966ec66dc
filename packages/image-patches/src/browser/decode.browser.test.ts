import { describeDecoder } from "../../test/describe-decoder.ts";
import { decodeImage } from "./index.ts";

describeDecoder(decodeImage, 3);
