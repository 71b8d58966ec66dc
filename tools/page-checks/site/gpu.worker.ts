import { exposePipeline } from "@saccade/worker-bridge";
import { type Loss, openLossyPipeline } from "./lossy-pipeline.ts";

exposePipeline((request) => openLossyPipeline(request as Loss));
